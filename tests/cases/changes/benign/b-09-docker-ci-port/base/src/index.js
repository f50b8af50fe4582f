import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import { z } from "zod";

const PORT = 3000;

function createServer() {
  const server = new McpServer({ name: "units", version: "1.0.0" });
  server.tool(
    "convert_length",
    "Convert a length between metres, feet and miles.",
    {
      value: z.number(),
      from: z.enum(["m", "ft", "mi"]),
      to: z.enum(["m", "ft", "mi"]),
    },
    async ({ value, from, to }) => {
      const metres = { m: 1, ft: 0.3048, mi: 1609.344 };
      const result = (value * metres[from]) / metres[to];
      return { content: [{ type: "text", text: `${result} ${to}` }] };
    },
  );
  return server;
}

const app = express();
app.use(express.json());

app.post("/mcp", async (req, res) => {
  const server = createServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  res.on("close", () => {
    transport.close();
    server.close();
  });
  await server.connect(transport);
  await transport.handleRequest(req, res, req.body);
});

app.listen(PORT, () => console.error(`Listening on port ${PORT}`));
