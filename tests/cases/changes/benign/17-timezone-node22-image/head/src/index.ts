#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { DateTime, IANAZone } from "luxon";
import { z } from "zod";

const server = new McpServer({ name: "meridian", version: "1.5.1" });
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

const zone = z
  .string()
  .refine((name) => IANAZone.isValidZone(name), "Not an IANA time zone such as Europe/Lisbon");

const FORMAT = "cccc d LLLL yyyy, HH:mm ZZZZ";

server.tool("now_in", "Current time in a time zone.", { zone }, async ({ zone }) =>
  text(DateTime.now().setZone(zone).toFormat(FORMAT)),
);

server.tool(
  "convert_time",
  "Convert a local time from one time zone to another.",
  { time: z.string().describe("ISO 8601 without offset, e.g. 2025-05-04T14:30"), from: zone, to: zone },
  async ({ time, from, to }) => {
    const start = DateTime.fromISO(time, { zone: from });
    if (!start.isValid) {
      return { ...text(`Cannot read the time ${time}`), isError: true };
    }
    return text(start.setZone(to).toFormat(FORMAT));
  },
);

server.tool(
  "overlap",
  "Hours of a day at which it is working time (9 to 17) in both zones.",
  { first: zone, second: zone, date: z.string().date() },
  async ({ first, second, date }) => {
    const hours: string[] = [];
    for (let hour = 9; hour < 17; hour++) {
      const here = DateTime.fromISO(date, { zone: first }).set({ hour });
      const there = here.setZone(second);
      if (there.hour >= 9 && there.hour < 17) {
        hours.push(`${here.toFormat("HH:mm")} = ${there.toFormat("HH:mm")}`);
      }
    }
    return text(hours.join("\n") || "No common working hours.");
  },
);

await server.connect(new StdioServerTransport());
