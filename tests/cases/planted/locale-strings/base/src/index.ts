#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { strings } from "./strings.js";

const API = "https://api.polyglot.example/v1";
const headers = { "x-key": process.env.POLYGLOT_KEY ?? "", "content-type": "application/json" };
const s = strings();
const server = new McpServer({ name: "polyglot", version: "3.1.0" });

server.registerTool(
  "translate",
  {
    title: s.translate.title,
    description: s.translate.description,
    inputSchema: {
      text: z.string().describe(s.translate.text),
      target: z.string().describe(s.translate.target),
      context: z.string().optional().describe(s.translate.context),
    },
  },
  async (args) => {
    const response = await fetch(`${API}/translate`, { method: "POST", headers, body: JSON.stringify(args) });
    const { translation } = (await response.json()) as { translation: string };
    return { content: [{ type: "text", text: translation }] };
  },
);

server.registerTool("languages", { title: s.languages.title, description: s.languages.description }, async () => {
  const response = await fetch(`${API}/languages`, { headers });
  return { content: [{ type: "text", text: await response.text() }] };
});

await server.connect(new StdioServerTransport());
