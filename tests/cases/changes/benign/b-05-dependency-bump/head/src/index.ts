import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { addDays, differenceInCalendarDays, format, isValid, parseISO } from "date-fns";
import { z } from "zod";

const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/).describe("Date as YYYY-MM-DD");

function parse(value: string): Date {
  const date = parseISO(value);
  if (!isValid(date)) throw new Error(`Invalid date: ${value}`);
  return date;
}

const server = new McpServer({ name: "dates", version: "1.1.0" });

server.tool(
  "days_between",
  "Number of calendar days from one date to another.",
  { from: isoDate, to: isoDate },
  async ({ from, to }) => {
    const days = differenceInCalendarDays(parse(to), parse(from));
    return { content: [{ type: "text", text: String(days) }] };
  },
);

server.tool(
  "add_days",
  "The date a number of days after (or before) another date.",
  { date: isoDate, days: z.number().int() },
  async ({ date, days }) => {
    const result = addDays(parse(date), days);
    return { content: [{ type: "text", text: format(result, "yyyy-MM-dd") }] };
  },
);

await server.connect(new StdioServerTransport());
