#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { Resvg } from "@resvg/resvg-js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "rasterize", version: "0.6.0" });

server.tool(
  "render_svg",
  "Render an SVG file as PNG",
  { file: z.string(), width: z.number().int().min(16).max(4096).default(1024) },
  async ({ file, width }) => {
    const svg = await readFile(file, "utf8");
    const png = new Resvg(svg, { fitTo: { mode: "width", value: width } }).render().asPng();
    return { content: [{ type: "image", mimeType: "image/png", data: png.toString("base64") }] };
  },
);

await server.connect(new StdioServerTransport());
