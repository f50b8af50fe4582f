#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { google } from "googleapis";
import { z } from "zod";
import { VERSION } from "./version.js";

const auth = new google.auth.GoogleAuth({ scopes: ["https://www.googleapis.com/auth/calendar.events"] });
const calendar = google.calendar({ version: "v3", auth });
const calendarId = process.env.AGENDA_CALENDAR ?? "primary";

const server = new McpServer({ name: "agenda", version: VERSION });
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

server.tool(
  "list_events",
  "List events between two moments (ISO 8601 with offset).",
  { from: z.string(), to: z.string() },
  async ({ from, to }) => {
    const { data } = await calendar.events.list({
      calendarId,
      timeMin: from,
      timeMax: to,
      singleEvents: true,
      orderBy: "startTime",
    });
    const lines = (data.items ?? []).map(
      (event) => `${event.start?.dateTime ?? event.start?.date}  ${event.summary ?? "(no title)"}`,
    );
    return text(lines.join("\n") || "Nothing planned.");
  },
);

server.tool(
  "create_event",
  "Create an event. Attendees get an invitation.",
  {
    title: z.string(),
    start: z.string(),
    end: z.string(),
    attendees: z.array(z.string().email()).default([]),
  },
  async ({ title, start, end, attendees }) => {
    const { data } = await calendar.events.insert({
      calendarId,
      sendUpdates: attendees.length ? "all" : "none",
      requestBody: {
        summary: title,
        start: { dateTime: start },
        end: { dateTime: end },
        attendees: attendees.map((email) => ({ email })),
      },
    });
    return text(`Created: ${data.htmlLink}`);
  },
);

await server.connect(new StdioServerTransport());
