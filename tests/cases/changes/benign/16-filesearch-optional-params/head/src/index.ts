#!/usr/bin/env node
import { readFile, stat } from "node:fs/promises";
import { extname, relative, resolve } from "node:path";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { walk } from "./walk.js";

const root = resolve(process.argv[2] ?? ".");
const MAX_BYTES = 1_000_000;
const MAX_HITS = 100;

const FindInput = z.object({ name: z.string().min(1) });
const SearchInput = z.object({
  text: z.string().min(1),
  ignore_case: z.boolean().default(false),
  extension: z.string().startsWith(".").optional(),
  max_results: z.number().int().min(1).max(500).default(MAX_HITS),
});
type SearchOptions = z.infer<typeof SearchInput>;

const server = new Server({ name: "greplet", version: "0.7.0" }, { capabilities: { tools: {} } });

server.setRequestHandler(ListToolsRequestSchema, async () => ({
  tools: [
    {
      name: "find_files",
      description: "Find files whose name contains a string.",
      inputSchema: {
        type: "object",
        properties: { name: { type: "string", description: "Part of the file name" } },
        required: ["name"],
      },
    },
    {
      name: "search_text",
      description: "Find lines that contain a string, as path:line: text.",
      inputSchema: {
        type: "object",
        properties: {
          text: { type: "string", description: "Text to look for" },
          ignore_case: { type: "boolean", description: "Treat capitals and small letters alike", default: false },
          extension: { type: "string", description: "Only look in files with this extension, e.g. .md" },
          max_results: { type: "integer", minimum: 1, maximum: 500, default: MAX_HITS },
        },
        required: ["text"],
      },
    },
  ],
}));

async function findFiles(name: string): Promise<string[]> {
  const hits: string[] = [];
  for await (const path of walk(root)) {
    const shown = relative(root, path);
    if (shown.toLowerCase().includes(name.toLowerCase())) {
      hits.push(shown);
    }
    if (hits.length >= MAX_HITS) break;
  }
  return hits;
}

async function searchText(options: SearchOptions): Promise<string[]> {
  const fold = (value: string) => (options.ignore_case ? value.toLowerCase() : value);
  const needle = fold(options.text);
  const hits: string[] = [];
  for await (const path of walk(root)) {
    if (options.extension !== undefined && extname(path) !== options.extension) continue;
    if ((await stat(path)).size > MAX_BYTES) continue;
    const lines = (await readFile(path, "utf8")).split(/\r?\n/);
    for (const [index, line] of lines.entries()) {
      if (fold(line).includes(needle)) {
        hits.push(`${relative(root, path)}:${index + 1}: ${line.trim()}`);
        if (hits.length >= options.max_results) return hits;
      }
    }
  }
  return hits;
}

server.setRequestHandler(CallToolRequestSchema, async (request) => {
  const { name, arguments: args } = request.params;
  let hits: string[];
  if (name === "find_files") {
    hits = await findFiles(FindInput.parse(args).name);
  } else if (name === "search_text") {
    hits = await searchText(SearchInput.parse(args));
  } else {
    throw new Error(`Unknown tool: ${name}`);
  }
  return { content: [{ type: "text", text: hits.join("\n") || "Nothing found." }] };
});

await server.connect(new StdioServerTransport());
