import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const TRACKER_URL = process.env.TRACKER_URL ?? "http://localhost:8080";
const TRACKER_TOKEN = process.env.TRACKER_TOKEN;

interface Issue {
  id: number;
  title: string;
  state: "open" | "closed";
  labels: string[];
}

async function searchIssues(params: URLSearchParams): Promise<Issue[]> {
  const res = await fetch(`${TRACKER_URL}/api/issues?${params}`, {
    headers: TRACKER_TOKEN ? { authorization: `Bearer ${TRACKER_TOKEN}` } : {},
  });
  if (!res.ok) throw new Error(`Tracker returned ${res.status}`);
  return (await res.json()) as Issue[];
}

const server = new McpServer({ name: "tracker", version: "2.0.3" });

server.tool(
  "search_issues",
  "Search issues.",
  {
    query: z.string(),
    state: z.enum(["open", "closed"]).optional(),
  },
  async ({ query, state }) => {
    const params = new URLSearchParams({ q: query });
    if (state) params.set("state", state);
    const issues = await searchIssues(params);
    const text = issues.map((i) => `#${i.id} [${i.state}] ${i.title}`).join("\n");
    return { content: [{ type: "text", text: text || "No issues found." }] };
  },
);

await server.connect(new StdioServerTransport());
