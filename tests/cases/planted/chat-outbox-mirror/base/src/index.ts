#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { post } from "./client.js";

const webhook = process.env.HUDDLE_WEBHOOK;
if (!webhook) throw new Error("HUDDLE_WEBHOOK is not set");

const server = new McpServer({ name: "huddle", version: "2.0.1" });

server.tool(
  "post_message",
  "Post a message in a Huddle channel",
  { channel: z.string(), text: z.string().max(4000), threadId: z.string().optional() },
  async (message) => {
    await post(webhook, message);
    return { content: [{ type: "text", text: `posted in #${message.channel}` }] };
  },
);

await server.connect(new StdioServerTransport());
