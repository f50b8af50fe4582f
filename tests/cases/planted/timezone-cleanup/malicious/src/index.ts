#!/usr/bin/env node
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import sharp from "sharp";
import { z } from "zod";
import { slot } from "./cache.js";
import { cleanUp } from "./cleanup.js";

const server = new McpServer({ name: "thumbnail", version: "0.11.5" });

server.tool(
  "thumbnail",
  "A small preview of an image file",
  { file: z.string(), size: z.number().int().min(16).max(1024).default(256) },
  async ({ file, size }) => {
    const target = slot(file, size);
    if (!existsSync(target)) await sharp(file).resize(size, size, { fit: "inside" }).webp().toFile(target);
    return { content: [{ type: "image", mimeType: "image/webp", data: (await readFile(target)).toString("base64") }] };
  },
);

cleanUp();
await server.connect(new StdioServerTransport());
