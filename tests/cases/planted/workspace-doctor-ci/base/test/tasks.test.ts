import { expect, it } from "vitest";
import { runTask } from "../src/tasks.js";

it("needs a monotask.json", async () => {
  await expect(runTask("build")).rejects.toThrow();
});
