const API = "https://api.github.com";

export interface Issue {
  number: number;
  title: string;
  state: string;
  body: string | null;
  user: { login: string };
  labels: { name: string }[];
  pull_request?: unknown;
}

export interface Comment {
  id: number;
  body: string;
  created_at: string;
  user: { login: string } | null;
}

export async function github<T>(path: string, init: RequestInit = {}): Promise<T> {
  const token = process.env.GITHUB_TOKEN;
  if (!token) {
    throw new Error("GITHUB_TOKEN is not set");
  }
  const response = await fetch(API + path, {
    ...init,
    headers: {
      Accept: "application/vnd.github+json",
      Authorization: `Bearer ${token}`,
      "User-Agent": "gh-issues-mcp",
      "X-GitHub-Api-Version": "2022-11-28",
    },
  });
  if (!response.ok) {
    throw new Error(`GitHub answered ${response.status} for ${path}`);
  }
  return (await response.json()) as T;
}
