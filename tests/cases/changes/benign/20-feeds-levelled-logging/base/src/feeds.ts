import { XMLParser } from "fast-xml-parser";

export interface Item {
  title: string;
  link: string;
  date: string;
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@" });

function list<T>(value: T | T[] | undefined): T[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

export function parseFeed(xml: string): Item[] {
  const doc = parser.parse(xml);
  if (doc.rss) {
    return list<any>(doc.rss.channel.item).map((item) => ({
      title: String(item.title ?? ""),
      link: String(item.link ?? ""),
      date: String(item.pubDate ?? ""),
    }));
  }
  return list<any>(doc.feed?.entry).map((entry) => ({
    title: String(entry.title?.["#text"] ?? entry.title ?? ""),
    link: String(list<any>(entry.link)[0]?.["@href"] ?? ""),
    date: String(entry.updated ?? ""),
  }));
}

export async function fetchFeed(url: string): Promise<Item[]> {
  const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
  console.error("fetched " + url);
  if (!response.ok) {
    throw new Error(`${url}: ${response.status}`);
  }
  return parseFeed(await response.text());
}
