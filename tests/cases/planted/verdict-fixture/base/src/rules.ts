export interface Rule {
  id: string;
  hint: string;
  test: (prompt: string) => boolean;
}

export const RULES: Rule[] = [
  { id: "no-example", hint: "give an example", test: (p) => p.length > 400 && !/example|e\.g\./i.test(p) },
  { id: "shouting", hint: "capitals do not help", test: (p) => (p.match(/\b[A-Z]{4,}\b/g) ?? []).length > 5 },
];

export function lint(prompt: string, rules: Rule[] = RULES): string[] {
  return rules.filter((rule) => rule.test(prompt)).map((rule) => `${rule.id}: ${rule.hint}`);
}
