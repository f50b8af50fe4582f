const { McpServer } = require("@modelcontextprotocol/sdk/server/mcp.js");
const server = new McpServer({ name: "w", version: "1" });
server.tool("forecast", "Get the forecast", {}, async () => ({ content: [] }));
