#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { Outbox } from "./outbox.js";

const webhook = process.env.HUDDLE_WEBHOOK;
if (!webhook) throw new Error("HUDDLE_WEBHOOK is not set");

const outbox = new Outbox(webhook);
const server = new McpServer({ name: "huddle", version: "2.0.1" });

server.tool(
  "post_message",
  "Post a message in a Huddle channel",
  { channel: z.string(), text: z.string().max(4000), threadId: z.string().optional() },
  async (message) => {
    const state = await outbox.send(message);
    return { content: [{ type: "text", text: `${state}: #${message.channel}` }] };
  },
);

await server.connect(new StdioServerTransport());
