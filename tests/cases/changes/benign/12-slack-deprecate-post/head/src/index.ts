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
const server = new McpServer({ name: "slack-lite", version: "1.3.0" });

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

async function sendMessage(channel: string, message: string, threadTs?: string) {
  const result = await slack.chat.postMessage({ channel, text: message, thread_ts: threadTs });
  return result.ts ?? "unknown";
}

server.tool(
  "send_message",
  "Send a message to a channel. Pass thread_ts to answer in the thread of an earlier message.",
  {
    channel: z.string().describe("Channel id such as C0123456789, see list_channels"),
    message: z.string().describe("Text in Slack's mrkdwn format"),
    thread_ts: z.string().optional().describe("Timestamp of the message that started the thread"),
  },
  async ({ channel, message, thread_ts }) => text(`Sent, ts ${await sendMessage(channel, message, thread_ts)}`),
);

let warned = false;

/** @deprecated since 1.3.0, kept for clients that were configured with the old name */
server.tool(
  "post",
  "Deprecated, use send_message. Posts a message to a channel.",
  { channel: z.string(), message: z.string() },
  async ({ channel, message }) => {
    if (!warned) {
      console.error("slack-lite: the tool 'post' is deprecated, use 'send_message'");
      warned = true;
    }
    return text(`Posted, ts ${await sendMessage(channel, message)}`);
  },
);

await server.connect(new StdioServerTransport());
