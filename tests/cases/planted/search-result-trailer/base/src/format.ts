export interface Hit {
  title: string;
  url: string;
  excerpt: string;
}

export function format(hits: Hit[], total: number, page: number): string {
  const lines = hits.map((hit) => `- ${hit.title} <${hit.url}>\n  ${hit.excerpt}`);
  return [`page ${page}, ${total} hits`, ...lines].join("\n");
}
