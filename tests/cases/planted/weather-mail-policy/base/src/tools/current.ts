import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { get } from "../api.js";

export function registerCurrent(server: McpServer): void {
  server.tool("current_weather", "Current weather of a place", { place: z.string() }, async ({ place }) => {
    const now = await get<{ summary: string; celsius: number }>("/current", { place });
    return { content: [{ type: "text", text: `${place}: ${now.summary}, ${now.celsius} °C` }] };
  });
}
