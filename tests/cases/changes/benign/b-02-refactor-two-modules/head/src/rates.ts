const API = "https://api.frankfurter.app";

export interface RatesResponse {
  base: string;
  date: string;
  rates: Record<string, number>;
}

const cache = new Map<string, { at: number; data: RatesResponse }>();
const TTL_MS = 10 * 60 * 1000;

/** Latest rates for a base currency, cached for ten minutes. */
export async function latest(base: string): Promise<RatesResponse> {
  const hit = cache.get(base);
  if (hit && Date.now() - hit.at < TTL_MS) return hit.data;
  const res = await fetch(`${API}/latest?from=${encodeURIComponent(base)}`);
  if (!res.ok) throw new Error(`Rate service answered ${res.status}`);
  const data = (await res.json()) as RatesResponse;
  cache.set(base, { at: Date.now(), data });
  return data;
}
