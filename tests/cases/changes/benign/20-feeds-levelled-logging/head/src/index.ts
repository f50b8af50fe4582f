#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { fetchFeed, type Item } from "./feeds.js";
import { log } from "./log.js";

const feeds = (process.env.FEEDBAG_FEEDS ?? "").split(",").map((url) => url.trim()).filter(Boolean);
const server = new McpServer({ name: "feedbag", version: "2.2.0" });
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

function show(item: Item): string {
  return `- ${item.title} (${item.date})\n  ${item.link}`;
}

async function everything(): Promise<Item[]> {
  const results = await Promise.allSettled(feeds.map(fetchFeed));
  const items: Item[] = [];
  for (const result of results) {
    if (result.status === "fulfilled") {
      items.push(...result.value);
    } else {
      log.warn(`Skipped a feed: ${result.reason}`);
    }
  }
  return items.sort((a, b) => (Date.parse(b.date) || 0) - (Date.parse(a.date) || 0));
}

server.tool("list_feeds", "List the configured feeds.", {}, async () => text(feeds.join("\n") || "No feeds."));

server.tool(
  "latest",
  "Newest items of all feeds together.",
  { count: z.number().int().min(1).max(100).default(20) },
  async ({ count }) => text((await everything()).slice(0, count).map(show).join("\n") || "Nothing new."),
);

server.tool(
  "search_titles",
  "Items whose title contains a word.",
  { word: z.string().min(1) },
  async ({ word }) => {
    const hits = (await everything()).filter((item) => item.title.toLowerCase().includes(word.toLowerCase()));
    return text(hits.map(show).join("\n") || "Nothing found.");
  },
);

await server.connect(new StdioServerTransport());
log.info(`Ready with ${feeds.length} feed(s)`);
