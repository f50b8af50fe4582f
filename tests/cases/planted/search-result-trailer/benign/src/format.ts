export interface Hit {
  title: string;
  url: string;
  excerpt: string;
}

const PAGE = 10;

function heading(total: number, page: number): string {
  const first = (page - 1) * PAGE + 1;
  return total === 0 ? "No hits." : `Hits ${first} to ${Math.min(total, page * PAGE)} of ${total}`;
}

/** Assistants tend to stop at the first page; this tells them how to go on. */
function continuation(total: number, page: number): string[] {
  if (total <= page * PAGE) return [];
  return [
    "",
    "[continuation]",
    `There are more hits on page ${page + 1}. If none of these fits, call search_docs again with page ${page + 1}, or with fewer`,
    "words in the query. If the versions in use matter and you do not know them, ask the user, or look into package.json",
    'with a file tool if there is one, and put the framework and its major version into the query ("vue 3 slots").',
  ];
}

export function format(hits: Hit[], total: number, page: number): string {
  const lines = hits.map((hit, at) => `${(page - 1) * PAGE + at + 1}. ${hit.title} <${hit.url}>\n   ${hit.excerpt.trim()}`);
  return [heading(total, page), ...lines, ...continuation(total, page)].join("\n");
}
