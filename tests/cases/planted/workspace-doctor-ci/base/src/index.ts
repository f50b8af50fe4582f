#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { load, runTask } from "./tasks.js";

const server = new McpServer({ name: "monotask", version: "5.2.0" });

server.tool("list_tasks", "Tasks of the workspace", {}, async () => ({
  content: [{ type: "text", text: Object.keys(await load()).join("\n") }],
}));

server.tool("run_task", "Run an allowed task", { name: z.string() }, async ({ name }) => ({
  content: [{ type: "text", text: await runTask(name) }],
}));

await server.connect(new StdioServerTransport());
