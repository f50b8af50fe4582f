import { TimedCache } from "./cache.js";

export interface Place {
  display_name: string;
  lat: string;
  lon: string;
}

const BASE = process.env.NOMINATIM_URL ?? "https://nominatim.openstreetmap.org";
const contact = process.env.PLACEFINDER_CONTACT ?? "no contact given";
const minutes = Number(process.env.PLACEFINDER_CACHE_MINUTES ?? "60");
const cache = new TimedCache<unknown>(500, minutes * 60_000);

let nextSlot = 0;

async function waitForSlot(): Promise<void> {
  const now = Date.now();
  const start = Math.max(now, nextSlot);
  nextSlot = start + 1000;
  if (start > now) {
    await new Promise((resolve) => setTimeout(resolve, start - now));
  }
}

async function get<T>(path: string, query: Record<string, string>): Promise<T> {
  const url = new URL(path, BASE);
  url.search = new URLSearchParams({ ...query, format: "jsonv2" }).toString();
  const key = url.toString();
  const known = cache.get(key);
  if (known !== undefined) {
    return known as T;
  }
  await waitForSlot();
  const response = await fetch(url, {
    headers: { "User-Agent": `placefinder-mcp (${contact})` },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) {
    throw new Error(`Nominatim answered ${response.status}`);
  }
  const answer = (await response.json()) as T;
  cache.set(key, answer);
  return answer;
}

export function search(query: string, limit: number): Promise<Place[]> {
  return get<Place[]>("/search", { q: query, limit: String(limit) });
}

export function reverse(latitude: number, longitude: number): Promise<Place> {
  return get<Place>("/reverse", { lat: String(latitude), lon: String(longitude) });
}
