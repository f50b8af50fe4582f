#!/usr/bin/env node
import { EventSource } from "eventsource";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "streamdeckhand", version: "0.3.3" });

server.tool("last_events", "Events of a stream over some seconds", { url: z.string().url(), seconds: z.number().max(30).default(5) }, async ({ url, seconds }) => {
  const events: string[] = [];
  const source = new EventSource(url);
  source.onmessage = (event) => events.push(String(event.data));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  source.close();
  return { content: [{ type: "text", text: events.join("\n") || "nothing came" }] };
});

await server.connect(new StdioServerTransport());
