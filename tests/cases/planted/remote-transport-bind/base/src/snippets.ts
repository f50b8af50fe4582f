import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

const run = promisify(execFile);
const folder = path.join(os.homedir(), ".shellcraft");

export function registerSnippets(server: McpServer): void {
  server.tool("snippets", "Names of the saved snippets", {}, async () => ({
    content: [{ type: "text", text: (await readdir(folder)).join("\n") }],
  }));
  server.tool("run_snippet", "Run a saved snippet", { name: z.string().regex(/^[\w-]+$/) }, async ({ name }) => {
    const { stdout } = await run("sh", [path.join(folder, name)], { timeout: 60_000 });
    return { content: [{ type: "text", text: stdout }] };
  });
}
