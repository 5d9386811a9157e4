import { canonicalJson } from '../../../platform/canonical-json.ts';

/** What a call asks for, whoever made it. */
export interface NamedCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/**
 * Calls as a text that is equal exactly when they ask for the same: names, and arguments as canonical JSON. Without `ordered` the order plays
 * no part, as it does not when they are made at once.
 */
export function canonicalCalls(calls: readonly NamedCall[], ordered: boolean): string {
  return joined(
    calls.map(({ name, arguments: text }) => `${JSON.stringify(name)}(${canonicalArguments(text)})`),
    ordered,
  );
}

/** The tools that calls use, as a text that is equal exactly when they use the same ones equally often. */
export function calledTools(calls: readonly NamedCall[], ordered: boolean): string {
  return joined(
    calls.map(({ name }) => JSON.stringify(name)),
    ordered,
  );
}

/** The arguments of a call as a value; undefined when they are no JSON object. */
export function readArguments(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch (error) {
    // Not JSON, or nested beyond what the parser takes.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function joined(parts: string[], ordered: boolean): string {
  return (ordered ? parts : parts.sort()).join(';');
}

function canonicalArguments(text: string): string {
  const value = readArguments(text);
  if (value === undefined) return JSON.stringify(text.trim());
  try {
    return canonicalJson(value);
  } catch (error) {
    // Nested beyond what can be walked: then only the same text is the same.
    if (error instanceof RangeError) return JSON.stringify(text.trim());
    throw error;
  }
}
