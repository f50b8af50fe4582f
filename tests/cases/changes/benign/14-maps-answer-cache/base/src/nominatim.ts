export interface Place {
  display_name: string;
  lat: string;
  lon: string;
}

const BASE = process.env.NOMINATIM_URL ?? "https://nominatim.openstreetmap.org";
const contact = process.env.PLACEFINDER_CONTACT ?? "no contact given";

async function get<T>(path: string, query: Record<string, string>): Promise<T> {
  const url = new URL(path, BASE);
  url.search = new URLSearchParams({ ...query, format: "jsonv2" }).toString();
  const response = await fetch(url, {
    headers: { "User-Agent": `placefinder-mcp (${contact})` },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(`Nominatim answered ${response.status}`);
  }
  return (await response.json()) as T;
}

export function search(query: string, limit: number): Promise<Place[]> {
  return get<Place[]>("/search", { q: query, limit: String(limit) });
}

export function reverse(latitude: number, longitude: number): Promise<Place> {
  return get<Place>("/reverse", { lat: String(latitude), lon: String(longitude) });
}
