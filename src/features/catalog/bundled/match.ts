import type { MatchLogic } from '@pydantic/genai-prices';

/** Whether a name is one of those that an entry of genai-prices stands for; case counts only within its regular expressions. */
export function matches(rule: MatchLogic, name: string): boolean {
  if ('or' in rule) return rule.or.some((one) => matches(one, name));
  if ('and' in rule) return rule.and.every((one) => matches(one, name));
  if ('regex' in rule) return new RegExp(rule.regex).test(name);
  const lower = name.toLowerCase();
  if ('equals' in rule) return lower === rule.equals.toLowerCase();
  if ('starts_with' in rule) return lower.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return lower.endsWith(rule.ends_with.toLowerCase());
  return lower.includes(rule.contains.toLowerCase());
}

/** Names that a rule spells out whole, in its order. */
export function namesIn(rule: MatchLogic): string[] {
  if ('or' in rule) return rule.or.flatMap(namesIn);
  return 'equals' in rule ? [rule.equals] : [];
}

/** Beginnings of names that a rule spells out, in its order. */
export function stemsIn(rule: MatchLogic): string[] {
  if ('or' in rule) return rule.or.flatMap(stemsIn);
  return 'starts_with' in rule ? [rule.starts_with] : [];
}

/**
 * What may follow a model's name to name one version of it: a date (`-20251001`, `@20251001`, `-2025-08-07`, `-0613`, `-03-2025`), a number
 * (`-001`, `-v1:0`), or `-latest`, `@default`.
 */
const VERSION = /[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|\d{2}-20\d{2}|\d{4}|\d{3}|v\d+(?::\d+)?|latest|default)$/;

/** A name without its version. */
export function stemOf(name: string): string {
  return name.replace(VERSION, '');
}

/** The spelling that comparisons use: `gpt-5.1` and `gpt-5-1` are the same model. */
export function folded(name: string): string {
  return name.toLowerCase().replaceAll('.', '-');
}

/**
 * The name by which the provider knows what a person called `asked`, when this entry stands for it: the entry's own name for another
 * spelling, and the dated name for a dated one, so that a person gets the very version asked for. Undefined when the entry does not stand for it.
 * The entry's rules alone are too wide for that (`gpt-5-nano-…` matches anything): only a known name, or one with a version, counts.
 */
export function servedName(rule: MatchLogic, own: string, asked: string): string | undefined {
  const wanted = folded(asked);
  if (folded(own) === wanted) return own;
  const spelled = namesIn(rule).find((name) => folded(name) === wanted);
  if (spelled !== undefined) return spelled;
  const stems = [stemOf(own), ...stemsIn(rule)].map(folded);
  if (stems.includes(wanted)) return own;
  const stem = stemOf(asked);
  if (stem === asked || !stems.includes(folded(stem))) return undefined;
  const dated = stemOf(own) + asked.slice(stem.length);
  return matches(rule, dated) || matches(rule, asked) ? dated : undefined;
}
