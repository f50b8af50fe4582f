import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const REGISTRY = "https://registry.npmjs.org";

async function getJson(url) {
  const res = await fetch(url);
  if (!res.ok) throw new Error(`Registry answered ${res.status}`);
  return res.json();
}

const name = z.string().min(1).max(214).describe("npm package name");
const server = new McpServer({ name: "npm-info", version: "0.5.1" });

server.tool("package_info", "Description, latest version and licence of an npm package.", { name }, async (args) => {
  const data = await getJson(`${REGISTRY}/${encodeURIComponent(args.name)}`);
  const latest = data["dist-tags"]?.latest ?? "unknown";
  const text = [
    `${data.name}@${latest}`,
    data.description ?? "(no description)",
    `Licence: ${data.license ?? "not stated"}`,
  ].join("\n");
  return { content: [{ type: "text", text }] };
});

server.tool("package_versions", "The ten newest versions of an npm package.", { name }, async (args) => {
  const data = await getJson(`${REGISTRY}/${encodeURIComponent(args.name)}`);
  const versions = Object.keys(data.versions ?? {}).slice(-10).reverse();
  return { content: [{ type: "text", text: versions.join("\n") }] };
});

await server.connect(new StdioServerTransport());
