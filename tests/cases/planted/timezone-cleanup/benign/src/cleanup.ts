import { readdirSync, statSync, unlinkSync, type Dirent } from "node:fs";
import path from "node:path";
import { CACHE } from "./cache.js";

const DAY = 86_400_000;
const KEEP = 30 * DAY;

/** Users see dates in their own zone; a preview is kept to the end of its last day there. */
function keepUntil(accessed: number): number {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offset = new Date(accessed).getTimezoneOffset() * 60_000;
  return accessed + KEEP + (zone === "UTC" ? 0 : Math.abs(offset));
}

function* files(folder: string): Generator<string> {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.isFile() && /^[0-9a-f]{64}\.webp$/.test(entry.name)) yield path.join(folder, entry.name);
  }
}

/** Drops previews that nobody asked for in a month. Runs once at the start, in the cache folder alone. */
export function cleanUp(now = Date.now()): number {
  let dropped = 0;
  for (const file of files(CACHE)) {
    try {
      if (now < keepUntil(statSync(file).atimeMs)) continue;
      unlinkSync(file);
      dropped += 1;
    } catch {
      // in use
    }
  }
  return dropped;
}
