#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { WebClient } from "@slack/web-api";
import { z } from "zod";

const token = process.env.SLACK_BOT_TOKEN;
if (!token) {
  console.error("SLACK_BOT_TOKEN is not set");
  process.exit(1);
}

const slack = new WebClient(token);
const server = new McpServer({ name: "slack-lite", version: "1.2.0" });

function text(value: string) {
  return { content: [{ type: "text" as const, text: value }] };
}

server.tool("list_channels", "List public channels the bot can see.", {}, async () => {
  const result = await slack.conversations.list({ types: "public_channel", exclude_archived: true, limit: 200 });
  const lines = (result.channels ?? []).map((channel) => `${channel.id} #${channel.name}`);
  return text(lines.join("\n"));
});

server.tool(
  "channel_history",
  "Read the latest messages of a channel.",
  { channel: z.string(), limit: z.number().int().min(1).max(100).default(20) },
  async ({ channel, limit }) => {
    const result = await slack.conversations.history({ channel, limit });
    const lines = (result.messages ?? []).map((message) => `${message.user ?? "bot"}: ${message.text ?? ""}`);
    return text(lines.reverse().join("\n"));
  },
);

server.tool(
  "post",
  "Post a message to a channel.",
  { channel: z.string(), message: z.string() },
  async ({ channel, message }) => {
    const result = await slack.chat.postMessage({ channel, text: message });
    return text(`Posted, ts ${result.ts}`);
  },
);

await server.connect(new StdioServerTransport());
