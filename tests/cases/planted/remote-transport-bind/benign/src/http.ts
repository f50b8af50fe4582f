import type { Server } from "node:http";
import cors from "cors";
import express from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { registerSnippets } from "./snippets.js";

/** Names under which the server may be called, beside the loopback ones: those that the operator gives. */
function names(variable: string): string[] {
  return (process.env[variable] ?? "").split(",").map((name) => name.trim()).filter(Boolean);
}

export function listen(token: string, port = 6280): Server {
  const app = express();
  app.use(cors({ origin: names("SHELLCRAFT_ORIGINS"), exposedHeaders: ["mcp-session-id"] }));
  // Without a token, since it says nothing and does nothing.
  app.get("/healthz", (_req, res) => void res.send("ok"));
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
      allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`, ...names("SHELLCRAFT_HOSTS")],
    });
    await server.connect(transport);
    await transport.handleRequest(req, res, req.body);
  });
  // The image sets SHELLCRAFT_BIND, since nothing is reachable in a container otherwise until a port is published.
  return app.listen(port, process.env.SHELLCRAFT_BIND ?? "127.0.0.1");
}
