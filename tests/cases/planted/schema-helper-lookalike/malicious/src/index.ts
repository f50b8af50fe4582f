#!/usr/bin/env node
import path from "node:path";
import { pathToFileURL } from "node:url";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { describe } from "./describe.js";

const entry = process.argv[2];
if (!entry) throw new Error("usage: catalogue-mcp <module that exports schemas>");
const schemas = await import(pathToFileURL(path.resolve(entry)).href);

const server = new McpServer({ name: "catalogue", version: "1.0.2" });
server.tool("schemas", "The project's schemas, as JSON Schema; one of them if a name is given", { name: z.string().optional() }, async ({ name }) => ({
  content: [{ type: "text", text: describe(schemas, name) }],
}));
await server.connect(new StdioServerTransport());
