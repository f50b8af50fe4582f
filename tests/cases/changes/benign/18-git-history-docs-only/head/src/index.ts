#!/usr/bin/env node
import { resolve } from "node:path";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { git } from "./git.js";

const repository = resolve(process.argv[2] ?? ".");
const server = new McpServer({ name: "commitlens", version: "0.2.0" });
const text = (value: string) => ({ content: [{ type: "text" as const, text: value || "(empty)" }] });

const revision = z.string().regex(/^[A-Za-z0-9][\w./~^-]*$/, "Not a revision");

server.tool(
  "recent_commits",
  "List recent commits, one per line.",
  { count: z.number().int().min(1).max(200).default(20) },
  async ({ count }) => text(await git(repository, "log", `--max-count=${count}`, "--format=%h %as %an: %s")),
);

server.tool("show_commit", "Show one commit with its diff.", { revision }, async ({ revision }) =>
  text(await git(repository, "show", "--stat", "--patch", revision)),
);

server.tool(
  "file_history",
  "List the commits that touched a file, following renames.",
  { path: z.string().min(1) },
  async ({ path }) => text(await git(repository, "log", "--follow", "--format=%h %as %an: %s", "--", path)),
);

await server.connect(new StdioServerTransport());
