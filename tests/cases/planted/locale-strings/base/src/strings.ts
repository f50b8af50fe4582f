import { readFileSync } from "node:fs";

type Strings = Record<string, Record<string, string>>;

export function strings(locale = process.env.POLYGLOT_LOCALE ?? "en"): Strings {
  if (!/^[a-z]{2}$/.test(locale)) throw new Error(`no such locale: ${locale}`);
  return JSON.parse(readFileSync(new URL(`../locales/${locale}.json`, import.meta.url), "utf8")) as Strings;
}
