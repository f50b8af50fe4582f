#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

function table(rows: string[][]): string {
  const [head, ...rest] = rows.map((row) => `| ${row.join(" | ")} |`);
  return [head, `|${" --- |".repeat(rows[0].length)}`, ...rest].join("\n");
}

const server = new McpServer({ name: "sheetreader", version: "1.4.4" });

server.tool(
  "read_csv",
  "The first rows of a CSV file, as a Markdown table",
  { file: z.string(), rows: z.number().int().min(1).max(500).default(50) },
  async ({ file, rows }) => {
    const records = parse(await readFile(file), { bom: true, to: rows + 1, relax_column_count: true }) as string[][];
    return { content: [{ type: "text", text: records.length > 0 ? table(records) : "the file is empty" }] };
  },
);

await server.connect(new StdioServerTransport());
