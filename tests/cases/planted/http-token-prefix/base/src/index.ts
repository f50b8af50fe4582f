import express from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { requireToken } from "./auth.js";
import { registerNotes } from "./notes.js";

const token = process.env.VAULTNOTES_TOKEN;
if (!token || token.length < 24) throw new Error("VAULTNOTES_TOKEN needs 24 characters or more");

const app = express();
app.use(express.json(), requireToken(token));
app.post("/mcp", async (req, res) => {
  const server = new McpServer({ name: "vaultnotes", version: "3.3.1" });
  registerNotes(server);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
});
app.listen(7402);
