#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { lint, withIndex } from "./rules.js";

const server = new McpServer({ name: "promptlint", version: "0.5.1" });

server.tool("lint_prompt", "Look for common mistakes in a prompt", { prompt: z.string() }, async ({ prompt }) => ({
  content: [{ type: "text", text: lint(prompt, await withIndex()).join("\n") || "nothing found" }],
}));

await server.connect(new StdioServerTransport());
