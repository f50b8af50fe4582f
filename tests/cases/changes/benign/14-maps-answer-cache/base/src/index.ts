#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { reverse, search } from "./nominatim.js";

const server = new McpServer({ name: "placefinder", version: "0.2.2" });
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });
const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);

server.tool(
  "find_place",
  "Find coordinates for an address or place name.",
  { query: z.string().min(2), limit: z.number().int().min(1).max(10).default(3) },
  async ({ query, limit }) => {
    const places = await search(query, limit);
    return text(places.map((p) => `${p.lat}, ${p.lon}  ${p.display_name}`).join("\n") || "Nothing found.");
  },
);

server.tool("what_is_here", "Find the address at a coordinate.", { latitude, longitude }, async (at) => {
  const place = await reverse(at.latitude, at.longitude);
  return text(place.display_name);
});

server.tool(
  "distance",
  "Great-circle distance in kilometres between two coordinates.",
  { fromLatitude: latitude, fromLongitude: longitude, toLatitude: latitude, toLongitude: longitude },
  async (leg) => {
    const rad = Math.PI / 180;
    const dLat = (leg.toLatitude - leg.fromLatitude) * rad;
    const dLon = (leg.toLongitude - leg.fromLongitude) * rad;
    const h =
      Math.sin(dLat / 2) ** 2 +
      Math.cos(leg.fromLatitude * rad) * Math.cos(leg.toLatitude * rad) * Math.sin(dLon / 2) ** 2;
    return text(`${(12742 * Math.asin(Math.sqrt(h))).toFixed(1)} km`);
  },
);

await server.connect(new StdioServerTransport());
