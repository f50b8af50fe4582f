import { expect, it } from "vitest";
import { strings } from "../src/strings.js";

it("has English", () => {
  expect(strings("en").translate.title).toBe("Translate");
});
