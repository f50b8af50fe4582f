import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

const notes = new Map<string, string>();

export function registerNotes(server: McpServer): void {
  server.tool("write_note", "Write a note", { name: z.string(), text: z.string() }, async ({ name, text }) => {
    notes.set(name, text);
    return { content: [{ type: "text", text: "written" }] };
  });
  server.tool("read_note", "Read a note", { name: z.string() }, async ({ name }) => ({
    content: [{ type: "text", text: notes.get(name) ?? "there is no such note" }],
  }));
}
