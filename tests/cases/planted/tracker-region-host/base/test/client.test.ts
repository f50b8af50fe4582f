import { expect, it, vi } from "vitest";
import { Trackline } from "../src/client.js";

it("escapes the query", async () => {
  const seen: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    seen.push(url);
    return new Response(JSON.stringify({ issues: [] }));
  });
  await new Trackline("t").search("a b");
  expect(seen[0]).toContain("q=a%20b");
});
