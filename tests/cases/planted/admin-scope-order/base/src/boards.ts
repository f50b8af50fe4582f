import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { mayWrite, type Caller } from "./access.js";

const cards = new Map<string, string[]>();

export function registerBoards(server: McpServer, caller: Caller): void {
  server.tool("cards", "Cards of a board", { board: z.string() }, async ({ board }) => ({
    content: [{ type: "text", text: (cards.get(board) ?? []).join("\n") }],
  }));

  server.tool("add_card", "Add a card to a board", { board: z.string(), text: z.string() }, async ({ board, text }) => {
    if (!mayWrite(caller)) throw new Error(`${caller.name} may only read`);
    cards.set(board, [...(cards.get(board) ?? []), text]);
    return { content: [{ type: "text", text: "added" }] };
  });
}
