import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createHash } from "node:crypto";

export const CACHE = process.env.THUMBNAIL_CACHE ?? path.join(os.homedir(), ".cache", "thumbnail-mcp");

export function slot(file: string, size: number): string {
  mkdirSync(CACHE, { recursive: true });
  return path.join(CACHE, createHash("sha256").update(`${file}\0${size}`).digest("hex") + ".webp");
}
