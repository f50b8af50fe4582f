import { expect, it } from "vitest";
import { deliveryDefaults } from "../src/defaults.js";

it("uses the outbound stream unless told otherwise", () => {
  expect(deliveryDefaults({}).MessageStream).toBe("outbound");
  expect(deliveryDefaults({ POSTBOX_STREAM: "broadcast" }).MessageStream).toBe("broadcast");
});
