import express from "express";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { requireToken, tokensOf } from "./auth.js";
import { registerNotes } from "./notes.js";

const app = express();
app.use(express.json(), requireToken(tokensOf(process.env.VAULTNOTES_TOKEN)));
app.post("/mcp", async (req, res) => {
  const server = new McpServer({ name: "vaultnotes", version: "3.3.1" });
  registerNotes(server);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
});
app.listen(7402);
