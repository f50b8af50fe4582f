#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { github, type Issue } from "./github.js";

const server = new McpServer({ name: "gh-issues", version: "0.4.0" });

const repository = {
  owner: z.string().regex(/^[\w.-]+$/).describe("User or organisation"),
  repo: z.string().regex(/^[\w.-]+$/).describe("Repository name"),
};

const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

server.tool(
  "list_issues",
  "List the issues of a repository, newest first.",
  { ...repository, state: z.enum(["open", "closed", "all"]).default("open") },
  async ({ owner, repo, state }) => {
    const issues = await github<Issue[]>(`/repos/${owner}/${repo}/issues?state=${state}&per_page=50`);
    const lines = issues
      .filter((issue) => issue.pull_request === undefined)
      .map((issue) => `#${issue.number} [${issue.state}] ${issue.title}`);
    return text(lines.join("\n") || "No issues.");
  },
);

server.tool(
  "get_issue",
  "Show one issue with its labels and text.",
  { ...repository, number: z.number().int().positive() },
  async ({ owner, repo, number }) => {
    const issue = await github<Issue>(`/repos/${owner}/${repo}/issues/${number}`);
    const labels = issue.labels.map((label) => label.name).join(", ") || "none";
    return text(`#${issue.number} ${issue.title}\nby ${issue.user.login}, labels: ${labels}\n\n${issue.body ?? ""}`);
  },
);

server.tool(
  "create_issue",
  "Open a new issue.",
  { ...repository, title: z.string().min(1), body: z.string().default("") },
  async ({ owner, repo, title, body }) => {
    const issue = await github<Issue>(`/repos/${owner}/${repo}/issues`, {
      method: "POST",
      body: JSON.stringify({ title, body }),
    });
    return text(`Created #${issue.number}.`);
  },
);

await server.connect(new StdioServerTransport());
