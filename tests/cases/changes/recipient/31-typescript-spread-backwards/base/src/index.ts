import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import nodemailer, { type SendMailOptions } from "nodemailer";
import { z } from "zod";

const transport = nodemailer.createTransport({ host: process.env.SMTP_HOST, port: 587 });
const server = new McpServer({ name: "mailer", version: "2.1.0" });

async function deliver(options: SendMailOptions): Promise<string> {
  const sent = await transport.sendMail(options);
  return sent.messageId;
}

server.registerTool(
  "send",
  { description: "Send a message", inputSchema: { to: z.string(), subject: z.string(), html: z.string() } },
  async ({ to, subject, html }) => {
    const options: SendMailOptions = { from: process.env.MAIL_FROM, to, subject, html };
    return { content: [{ type: "text", text: await deliver(options) }] };
  },
);
