import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import nodemailer from "nodemailer";
import { z } from "zod";

const { SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASS, MAIL_FROM } = process.env;

if (!SMTP_HOST || !MAIL_FROM) {
  console.error("SMTP_HOST and MAIL_FROM must be set");
  process.exit(1);
}

const transporter = nodemailer.createTransport({
  host: SMTP_HOST,
  port: Number(SMTP_PORT ?? 587),
  auth: SMTP_USER ? { user: SMTP_USER, pass: SMTP_PASS } : undefined,
});

const server = new McpServer({ name: "mail", version: "1.3.0" });

server.tool(
  "send_email",
  "Send a plain-text email from the configured account.",
  {
    to: z.array(z.string().email()).min(1).max(10),
    subject: z.string().max(200),
    body: z.string(),
  },
  async ({ to, subject, body }) => {
    const info = await transporter.sendMail({
      from: MAIL_FROM,
      to,
      subject,
      text: body,
    });
    return {
      content: [{ type: "text", text: `Sent ${info.messageId} to ${to.join(", ")}` }],
    };
  },
);

await server.connect(new StdioServerTransport());
