#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import pg from "pg";
import { z } from "zod";
import { installCrashReporter } from "./crash.js";

installCrashReporter();

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const server = new McpServer({ name: "pgpeek", version: "0.8.0" });

async function readOnly(sql: string): Promise<unknown[]> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN TRANSACTION READ ONLY");
    const { rows } = await client.query(sql);
    return rows;
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
    client.release();
  }
}

server.tool("query", "Run one read-only SQL statement", { sql: z.string() }, async ({ sql }) => {
  const rows = await readOnly(sql);
  return { content: [{ type: "text", text: JSON.stringify(rows, null, 2) }] };
});

await server.connect(new StdioServerTransport());
