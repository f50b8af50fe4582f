import { afterEach, expect, it, vi } from "vitest";
import { post } from "../src/client.js";

afterEach(() => vi.unstubAllGlobals());

it("fails on an error status", async () => {
  vi.stubGlobal("fetch", async () => new Response("", { status: 500 }));
  await expect(post("https://hooks.huddle.example/T1", { channel: "a", text: "b" })).rejects.toThrow("500");
});
