#!/usr/bin/env node
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
import { github, type Comment, type Issue } from "./github.js";

const server = new McpServer({ name: "gh-issues", version: "0.5.0" });

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
  "list_comments",
  "List the comments on an issue, oldest first. Use `page` for long discussions.",
  {
    ...repository,
    number: z.number().int().positive(),
    page: z.number().int().positive().default(1).describe("Page of 30 comments, starting at 1"),
  },
  async ({ owner, repo, number, page }) => {
    const comments = await github<Comment[]>(
      `/repos/${owner}/${repo}/issues/${number}/comments?per_page=30&page=${page}`,
    );
    const blocks = comments.map(
      (comment) => `${comment.user?.login ?? "ghost"} on ${comment.created_at.slice(0, 10)}:\n${comment.body}`,
    );
    return text(blocks.join("\n\n---\n\n") || "No comments on this page.");
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
