import { readFileSync } from "node:fs";
import express from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Caller } from "./access.js";
import { registerBoards } from "./boards.js";

const tokens = JSON.parse(readFileSync("tokens.json", "utf8")) as Record<string, Caller>;
const app = express().use(express.json());

app.post("/mcp", async (req, res) => {
  const caller = tokens[(req.headers.authorization ?? "").replace(/^Bearer /, "")];
  if (!caller) return void res.status(401).end();
  const server = new McpServer({ name: "boardroom", version: "1.2.0" });
  registerBoards(server, caller);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
});

app.listen(8931, "127.0.0.1");
