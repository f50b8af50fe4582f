import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const REGISTRY = "https://registry.npmjs.org";

const TIMEOUT_MS = 8000;
const MAX_ATTEMPTS = 3;

const isTransient = (status) => status === 429 || status >= 500;

async function getJson(url) {
  let lastError;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(250 * 2 ** attempt);
    let res;
    try {
      res = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      lastError = error;
      continue;
    }
    if (res.ok) return res.json();
    lastError = new Error(`Registry answered ${res.status}`);
    if (!isTransient(res.status)) break;
  }
  throw lastError;
}

const name = z.string().min(1).max(214).describe("npm package name");
const server = new McpServer({ name: "npm-info", version: "0.5.2" });

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
