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

const server = new McpServer({ name: "tracker", version: "2.1.0" });

server.tool(
  "search_issues",
  "Search the issue tracker by free text. Returns one line per issue with its number, " +
    "state and title. Use this before creating an issue, to find duplicates.",
  {
    query: z.string().min(1).describe("Words to look for in title and body"),
    state: z.enum(["open", "closed"]).optional().describe("Only issues in this state"),
    label: z.string().optional().describe("Only issues with this label, e.g. bug"),
  },
  async ({ query, state, label }) => {
    const params = new URLSearchParams({ q: query });
    if (state) params.set("state", state);
    if (label) params.set("label", label);
    const issues = await searchIssues(params);
    const text = issues.map((i) => `#${i.id} [${i.state}] ${i.title}`).join("\n");
    return { content: [{ type: "text", text: text || "No issues found." }] };
  },
);

await server.connect(new StdioServerTransport());
