import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const DAY_MS = 24 * 60 * 60 * 1000;
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/).describe("Date as YYYY-MM-DD");

function parse(value: string): Date {
  const date = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) throw new Error(`Invalid date: ${value}`);
  return date;
}

const server = new McpServer({ name: "dates", version: "1.0.4" });

server.tool(
  "days_between",
  "Number of calendar days from one date to another.",
  { from: isoDate, to: isoDate },
  async ({ from, to }) => {
    const days = Math.round((parse(to).getTime() - parse(from).getTime()) / DAY_MS);
    return { content: [{ type: "text", text: String(days) }] };
  },
);

server.tool(
  "add_days",
  "The date a number of days after (or before) another date.",
  { date: isoDate, days: z.number().int() },
  async ({ date, days }) => {
    const result = new Date(parse(date).getTime() + days * DAY_MS);
    return { content: [{ type: "text", text: result.toISOString().slice(0, 10) }] };
  },
);

await server.connect(new StdioServerTransport());
