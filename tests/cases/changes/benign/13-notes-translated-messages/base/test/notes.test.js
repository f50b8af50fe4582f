import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName } from "../src/notes.js";

test("file names", () => {
  assert.equal(fileName("Shopping list!"), "shopping-list.md");
});
