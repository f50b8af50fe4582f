#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { registerAlerts } from "./tools/alerts.js";
import { registerCurrent } from "./tools/current.js";

const server = new McpServer({ name: "stormwatch", version: "0.7.0" });
registerCurrent(server);
registerAlerts(server);

await server.connect(new StdioServerTransport());
