import assert from "node:assert/strict";
import { test } from "node:test";
import { fileName } from "../src/notes.js";

test("file names", () => {
  assert.equal(fileName("Shopping list!"), "shopping-list.md");
  assert.equal(fileName("Süße Äpfel & Öl"), "süße-äpfel-öl.md");
  assert.equal(fileName("買い物 リスト 🛒"), "買い物-リスト.md");
  assert.equal(fileName("قائمة التسوق"), "قائمة-التسوق.md");
});

test("emoji alone is not a title", () => {
  assert.throws(() => fileName("🎉🎉"));
});
