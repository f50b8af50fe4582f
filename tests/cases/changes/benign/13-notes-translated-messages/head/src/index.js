#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { t } from "./messages.js";
import { list, read, save } from "./notes.js";

const server = new McpServer({ name: "jotter", version: "0.4.0" });
const text = (value) => ({ content: [{ type: "text", text: value }] });

server.tool(
  "save_note",
  "Save a note under a title. An existing note with that title is replaced.",
  { title: z.string(), body: z.string() },
  async ({ title, body }) => text(t("saved", await save(title, body))),
);

server.tool("list_notes", "List the file names of all notes.", {}, async () => {
  const names = await list();
  return text(names.length ? names.join("\n") : t("empty"));
});

server.tool("read_note", "Read one note by its title.", { title: z.string() }, async ({ title }) => {
  try {
    return text(await read(title));
  } catch (error) {
    if (error.code === "ENOENT") return text(t("missing", title));
    throw error;
  }
});

await server.connect(new StdioServerTransport());
