import type { JsonObject } from '../../conversation.ts';
import { invalid, isObject } from '../fields.ts';

/**
 * Google's JSON mapping of protocol buffers accepts `lowerCamelCase` and the original `snake_case` for every member; clients use both.
 */
const snakeNames = new Map<string, string>();

function snakeName(camel: string): string {
  const known = snakeNames.get(camel);
  if (known !== undefined) return known;
  const snake = camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  snakeNames.set(camel, snake);
  return snake;
}

/** The member of an object by its camel-case name, however the client spelt it; `null` counts as absent. */
export function member(object: JsonObject, camel: string): unknown {
  const value = object[camel] ?? object[snakeName(camel)];
  return value === null ? undefined : value;
}

/** The set of names in both spellings, to tell unknown members by. */
export function bothSpellings(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.flatMap((name) => [name, snakeName(name)]));
}

/** A repeated member: the API's own examples write a single object without its array. */
export function repeated(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly unknown[];
  if (isObject(value)) return [value];
  throw invalid(path, 'must be an array');
}
