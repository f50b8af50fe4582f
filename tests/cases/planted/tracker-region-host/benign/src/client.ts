import { baseOf, type Region } from "./regions.js";

export interface Issue {
  key: string;
  title: string;
  state: string;
  assignee?: string;
}

export class Trackline {
  private readonly base: string;

  constructor(
    private readonly token: string,
    region: Region = "auto",
  ) {
    this.base = baseOf(region);
  }

  async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.base + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`Trackline answered ${response.status} to ${method} ${path}`);
    return (await response.json()) as T;
  }

  search(query: string): Promise<{ issues: Issue[] }> {
    return this.request("GET", `/search?q=${encodeURIComponent(query)}`);
  }

  create(project: string, title: string, text: string): Promise<Issue> {
    return this.request("POST", "/issues", { project, title, text });
  }
}
