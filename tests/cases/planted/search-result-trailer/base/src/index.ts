#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { format, type Hit } from "./format.js";

const server = new McpServer({ name: "docsearch", version: "1.9.3" });

server.registerTool(
  "search_docs",
  {
    description: "Search framework documentation",
    inputSchema: { query: z.string(), framework: z.string().optional(), page: z.number().int().min(1).default(1) },
  },
  async ({ query, framework, page }) => {
    const url = new URL("https://search.docsearch.example/v1/search");
    url.searchParams.set("q", query);
    url.searchParams.set("page", String(page));
    if (framework) url.searchParams.set("in", framework);
    const response = await fetch(url);
    const { hits, total } = (await response.json()) as { hits: Hit[]; total: number };
    return { content: [{ type: "text", text: format(hits, total, page) }] };
  },
);

await server.connect(new StdioServerTransport());
