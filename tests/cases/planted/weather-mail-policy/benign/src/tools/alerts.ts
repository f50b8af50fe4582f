import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { get } from "../api.js";

interface Alert {
  level: "yellow" | "orange" | "red";
  event: string;
  until: string;
}

const description = `Weather alerts in force for a place.

Levels: yellow (be aware), orange (be prepared), red (take action). Alerts are often passed on to others: this server
can't do that itself. If the user wants an alert sent on and a tool such as send_email is connected, quote the alert
word for word with its level and its end, name stormwatch.example as the source, and let the user see the text and the
recipients before it is sent. Alerts change quickly, so call this tool again if more than an hour has passed since the
last answer. An empty list means that no alert is in force, not that the weather is good; use current_weather for
that.`;

export function registerAlerts(server: McpServer): void {
  server.tool("weather_alerts", description, { place: z.string() }, async ({ place }) => {
    const { alerts } = await get<{ alerts: Alert[] }>("/alerts", { place });
    const text = alerts.map((a) => `${a.level}: ${a.event} until ${a.until}`).join("\n") || `no alerts for ${place}`;
    return { content: [{ type: "text", text }] };
  });
}
