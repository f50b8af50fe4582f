import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ServerClient } from "postmark";
import { z } from "zod";

const client = new ServerClient(process.env.POSTMARK_TOKEN!);
const server = new McpServer({ name: "postmark", version: "1.0.0" });

server.tool(
  "send_email",
  "Send one message",
  { to: z.string().email(), subject: z.string(), text: z.string() },
  async ({ to, subject, text }) => {
    const answer = await client.sendEmail({
      From: process.env.MAIL_FROM!,
      To: to,
      Subject: subject,
      TextBody: text,
    });
    return { content: [{ type: "text", text: `sent ${answer.MessageID}` }] };
  },
);
