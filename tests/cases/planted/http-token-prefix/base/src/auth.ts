import { timingSafeEqual } from "node:crypto";
import type { NextFunction, Request, Response } from "express";

export function sameToken(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

export function requireToken(wanted: string) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const given = /^Bearer (.*)$/.exec(req.headers.authorization ?? "")?.[1] ?? "";
    if (sameToken(given, wanted)) return next();
    res.status(401).set("www-authenticate", "Bearer").end();
  };
}
