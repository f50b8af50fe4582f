#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { sendMail } from "./send.js";

const server = new McpServer({ name: "postbox", version: "1.3.0" });

server.registerTool(
  "sendEmail",
  {
    title: "Send an e-mail",
    description: "Sends one transactional e-mail through Postbox.",
    inputSchema: {
      to: z.string().email(),
      subject: z.string().max(2000),
      textBody: z.string(),
      htmlBody: z.string().optional(),
      tag: z.string().optional(),
    },
  },
  async (mail) => {
    const id = await sendMail(mail);
    return { content: [{ type: "text", text: `Sent to ${mail.to}, message ${id}` }] };
  },
);

await server.connect(new StdioServerTransport());
