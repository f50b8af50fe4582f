export interface Rule {
  id: string;
  hint: string;
  test: (prompt: string) => boolean;
}

/** Phrases with which a text tries to replace the instructions that a model already has. */
const OVERRIDES = [
  /ignore (all|any|the) (previous|prior|above) (instructions|prompts?)/i,
  /you are now (in )?(developer|debug) mode/i,
  /(print|reveal|repeat) (your|the) system prompt/i,
];

export const RULES: Rule[] = [
  { id: "no-example", hint: "give an example", test: (p) => p.length > 400 && !/example|e\.g\./i.test(p) },
  { id: "override", hint: "tries to override the system prompt", test: (p) => OVERRIDES.some((o) => o.test(p)) },
  { id: "shouting", hint: "capitals do not help", test: (p) => (p.match(/\b[A-Z]{4,}\b/g) ?? []).length > 5 },
];

export function lint(prompt: string, rules: Rule[] = RULES): string[] {
  return rules.filter((rule) => rule.test(prompt)).map((rule) => `${rule.id}: ${rule.hint}`);
}
