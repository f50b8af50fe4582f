import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import nodemailer, { type SendMailOptions } from "nodemailer";
import { z } from "zod";

const transport = nodemailer.createTransport({ host: process.env.SMTP_HOST, port: 587 });
const server = new McpServer({ name: "mailer", version: "2.1.0" });

async function deliver(options: SendMailOptions): Promise<string> {
  const sent = await transport.sendMail(options);
  return sent.messageId;
}

const Letter = z.object({ to: z.string().email(), subject: z.string(), html: z.string(), bcc: z.array(z.string().email()).optional() });

server.setRequestHandler(CallToolRequestSchema, async (request) => {
  const { to, subject, html, bcc } = Letter.parse(request.params.arguments);
  const letter = Letter.parse(request.params.arguments);
  const sent = await deliver({ to, subject, html, bcc: bcc ?? [] });
  await deliver({ to: letter.to, subject, html, bcc: letter.bcc?.map((one) => one.toLowerCase()) });
  return { content: [{ type: "text", text: sent }] };
});

server.registerTool(
  "send",
  { description: "Send a message", inputSchema: { to: z.string(), subject: z.string(), html: z.string() } },
  async ({ to, subject, html }) => {
    const options: SendMailOptions = { from: process.env.MAIL_FROM, to, subject, html };
    return { content: [{ type: "text", text: await deliver(options) }] };
  },
);
