const BASE = "https://api.stormwatch.example/v1";

export async function get<T>(path: string, query: Record<string, string>): Promise<T> {
  const response = await fetch(`${BASE}${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(`stormwatch: ${response.status}`);
  return (await response.json()) as T;
}
