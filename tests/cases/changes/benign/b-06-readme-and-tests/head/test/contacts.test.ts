import { describe, expect, it } from "vitest";
import { createServer, groupByDomain, parseContact } from "../src/contacts.js";

describe("parseContact", () => {
  it("reads a display name", () => {
    expect(parseContact("Ada Example <ada@example.com>")).toEqual({
      name: "Ada Example",
      email: "ada@example.com",
    });
  });

  it("falls back to the local part", () => {
    expect(parseContact("support@example.com")?.name).toBe("support");
  });

  it("lower-cases the address", () => {
    expect(parseContact("BOB@Example.ORG")?.email).toBe("bob@example.org");
  });

  it.each(["", "no address", "@example.com", "a@b"])("rejects %j", (line) => {
    expect(parseContact(line)).toBeUndefined();
  });
});

describe("groupByDomain", () => {
  it("keeps the order within a domain", () => {
    const groups = groupByDomain([
      { name: "Ada", email: "ada@example.com" },
      { name: "Bob", email: "bob@example.org" },
      { name: "Cem", email: "cem@example.com" },
    ]);
    expect(groups.get("example.com")?.map((c) => c.name)).toEqual(["Ada", "Cem"]);
    expect(groups.get("example.org")).toHaveLength(1);
  });
});

it("creates a server", () => {
  expect(createServer()).toBeDefined();
});
