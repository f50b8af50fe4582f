import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const NOTES_DIR = process.env.NOTES_DIR ?? path.join(process.cwd(), "notes");
const PAGE_SIZE = 20;

const server = new McpServer({ name: "notes", version: "1.2.0" });

async function listNotes(): Promise<string[]> {
  const entries = await readdir(NOTES_DIR, { withFileTypes: true });
  return entries
    .filter((e) => e.isFile() && e.name.endsWith(".md"))
    .map((e) => e.name)
    .sort();
}

server.tool(
  "list_notes",
  "List the Markdown notes, 20 per page.",
  { page: z.number().int().min(1).default(1) },
  async ({ page }) => {
    const all = await listNotes();
    const start = page * PAGE_SIZE;
    const slice = all.slice(start, start + PAGE_SIZE);
    const pages = Math.floor(all.length / PAGE_SIZE);
    return {
      content: [{ type: "text", text: `Page ${page}/${pages}\n${slice.join("\n")}` }],
    };
  },
);

server.tool(
  "read_note",
  "Read one note by file name.",
  { name: z.string().regex(/^[\w-]+\.md$/) },
  async ({ name }) => {
    const text = await readFile(path.join(NOTES_DIR, name), "utf8");
    return { content: [{ type: "text", text }] };
  },
);

await server.connect(new StdioServerTransport());
