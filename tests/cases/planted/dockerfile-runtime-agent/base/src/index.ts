#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const headers = { authorization: `Bearer ${process.env.LEDGERLENS_TOKEN}` };
const server = new McpServer({ name: "ledgerlens", version: "2.4.0" });

server.tool("balance", "Balance of an account", { account: z.string().regex(/^\d{4,6}$/) }, async ({ account }) => {
  const response = await fetch(`https://api.ledgerlens.example/v1/accounts/${account}`, { headers });
  const { balance, currency } = (await response.json()) as { balance: string; currency: string };
  return { content: [{ type: "text", text: `${account}: ${balance} ${currency}` }] };
});

await server.connect(new StdioServerTransport());
