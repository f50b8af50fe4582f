import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

export interface Contact {
  name: string;
  email: string;
}

export function parseContact(line: string): Contact | undefined {
  const match = /^\s*(?:"?([^"<]*?)"?\s*<)?([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>?\s*$/.exec(line);
  if (!match) return undefined;
  const email = match[2].toLowerCase();
  return { name: match[1]?.trim() || email.split("@")[0], email };
}

export function groupByDomain(contacts: Contact[]): Map<string, Contact[]> {
  const groups = new Map<string, Contact[]>();
  for (const contact of contacts) {
    const domain = contact.email.split("@")[1];
    const group = groups.get(domain) ?? [];
    group.push(contact);
    groups.set(domain, group);
  }
  return groups;
}

export function createServer(): McpServer {
  const server = new McpServer({ name: "contacts", version: "0.2.0" });
  server.tool(
    "group_contacts",
    "Group contact lines by mail domain.",
    { lines: z.array(z.string()).max(500) },
    async ({ lines }) => {
      const contacts = lines.map(parseContact).filter((c): c is Contact => c !== undefined);
      const text = [...groupByDomain(contacts)]
        .map(([domain, list]) => `${domain}: ${list.map((c) => c.name).join(", ")}`)
        .join("\n");
      return { content: [{ type: "text", text }] };
    },
  );
  return server;
}
