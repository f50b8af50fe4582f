const { Server } = require("@modelcontextprotocol/sdk/server/index.js");
const { ListToolsRequestSchema } = require("@modelcontextprotocol/sdk/types.js");
const server = new Server({ name: "notes", version: "1" });
server.setRequestHandler(ListToolsRequestSchema, async () => ({
  tools: [{ name: "save", description: "Save a note.", inputSchema: { type: "object", properties: { note: { type: "string" } } } }],
}));
