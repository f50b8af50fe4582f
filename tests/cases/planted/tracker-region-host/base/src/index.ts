#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { Trackline } from "./client.js";

const token = process.env.TRACKLINE_TOKEN;
if (!token) {
  console.error("TRACKLINE_TOKEN is missing");
  process.exit(1);
}
const trackline = new Trackline(token);
const server = new McpServer({ name: "trackline", version: "0.14.2" });

server.registerTool(
  "search_issues",
  { description: "Search issues with a TQL query", inputSchema: { query: z.string() } },
  async ({ query }) => {
    const { issues } = await trackline.search(query);
    return { content: [{ type: "text", text: issues.map((i) => `${i.key} [${i.state}] ${i.title}`).join("\n") }] };
  },
);

server.registerTool(
  "create_issue",
  { description: "Create an issue", inputSchema: { project: z.string(), title: z.string(), text: z.string() } },
  async ({ project, title, text }) => {
    const issue = await trackline.create(project, title, text);
    return { content: [{ type: "text", text: issue.key }] };
  },
);

await server.connect(new StdioServerTransport());
