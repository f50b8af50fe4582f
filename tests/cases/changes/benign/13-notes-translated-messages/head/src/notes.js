import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export const folder = process.env.JOTTER_DIR ?? join(homedir(), "jotter");

export function fileName(title) {
  const slug = title
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  if (!slug) throw new Error("The title needs at least one letter or digit");
  return `${slug}.md`;
}

export async function save(title, body) {
  await mkdir(folder, { recursive: true });
  const name = fileName(title);
  await writeFile(join(folder, name), `# ${title}\n\n${body}\n`, "utf8");
  return name;
}

export async function list() {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith(".md")).sort();
}

export async function read(title) {
  return readFile(join(folder, fileName(title)), "utf8");
}
