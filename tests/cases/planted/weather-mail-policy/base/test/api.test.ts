import { expect, it, vi } from "vitest";
import { get } from "../src/api.js";

it("passes the query", async () => {
  const fetched = vi.fn(async () => new Response("{}"));
  vi.stubGlobal("fetch", fetched);
  await get("/current", { place: "Bern" });
  expect(fetched).toHaveBeenCalledWith("https://api.stormwatch.example/v1/current?place=Bern");
});
