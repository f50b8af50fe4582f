import type { Server } from "node:http";
import express from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { registerSnippets } from "./snippets.js";

export function listen(token: string, port = 6280): Server {
  const app = express();
  app.use((req, res, next) => {
    if (req.headers.authorization === `Bearer ${token}`) next();
    else res.status(401).end();
  });
  app.use(express.json());
  app.post("/mcp", async (req, res) => {
    const server = new McpServer({ name: "shellcraft", version: "0.10.0" });
    registerSnippets(server);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: undefined,
      enableDnsRebindingProtection: true,
      allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`],
    });
    await server.connect(transport);
    await transport.handleRequest(req, res, req.body);
  });
  return app.listen(port, "127.0.0.1");
}
