/** JSON schemas as requests bring them: OpenAI's and Anthropic's JSON Schema, and Gemini's OpenAPI dialect. */
import type { JsonObject } from '../ask.ts';

/** A schema that is an object. `true`, `false` and nonsense become such by `asSchema`. */
export type Schema = JsonObject;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Any value as a schema: `true` and nonsense allow everything, `false` nothing (`{not: {}}`). */
export function asSchema(value: unknown): Schema {
  if (isObject(value)) return value;
  return value === false ? { not: {} } : {};
}

export function schemaList(value: unknown): Schema[] {
  return Array.isArray(value) ? value.map(asSchema) : [];
}

export function schemaMap(value: unknown): [string, Schema][] {
  return isObject(value) ? Object.entries(value).map(([name, schema]) => [name, asSchema(schema)]) : [];
}

export function numberIn(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  // Gemini's REST dialect writes its int64 bounds as strings.
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textIn(schema: Schema, key: string): string {
  const value = schema[key];
  return typeof value === 'string' ? value : '';
}

/** The types that a schema names, in lower case (Gemini writes `STRING`), or an empty list when it names none. */
export function typesOf(schema: Schema): string[] {
  const type = schema.type;
  const named = (Array.isArray(type) ? type : [type])
    .filter((name) => typeof name === 'string')
    .map((name) => name.toLowerCase());
  if (schema.nullable === true && named.length > 0 && !named.includes('null')) named.push('null');
  return named;
}

/** The members that a schema's `enum` or `const` allows; undefined when it has neither. */
export function allowedValues(schema: Schema): unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function pointed(root: Schema, reference: string): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let value: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    value = isObject(value) ? value[key] : Array.isArray(value) ? value[Number(key)] : undefined;
  }
  return value;
}

/** Follows `$ref` (local pointers) and merges what stands beside it; at most 32 steps, so that circles end. */
export function resolved(root: Schema, schema: Schema): Schema {
  let current = schema;
  for (let step = 0; step < 32 && typeof current.$ref === 'string'; step++) {
    const { $ref, ...beside } = current;
    const target = asSchema(pointed(root, String($ref)));
    current = Object.keys(beside).length === 0 ? target : merged(target, beside);
  }
  return current;
}

const UPPER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const LOWER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

function mergedValue(key: string, a: unknown, b: unknown): unknown {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (key === 'properties' || key === '$defs' || key === 'definitions') {
    const all: JsonObject = isObject(a) ? { ...a } : {};
    for (const [name, schema] of schemaMap(b))
      all[name] = name in all ? merged(asSchema(all[name]), schema) : schema;
    return all;
  }
  if (key === 'required' && Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])];
  if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) {
    const texts = new Set(b.map((value) => JSON.stringify(value)));
    return a.filter((value) => texts.has(JSON.stringify(value)));
  }
  if (key === 'type') {
    const left = typesOf({ type: a });
    const both = typesOf({ type: b }).filter(
      (name) => left.includes(name) || (name === 'integer' && left.includes('number')),
    );
    return both.length > 0 ? both : b;
  }
  if (key === 'items' && isObject(a) && isObject(b)) return merged(a, b);
  if (key === 'allOf' && Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (UPPER.includes(key) && typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
  if (LOWER.includes(key) && typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
  return b;
}

/** One schema that asks for what both ask, as far as keywords can be joined. */
export function merged(a: Schema, b: Schema): Schema {
  const all: Schema = { ...a };
  for (const key of Object.keys(b)) all[key] = mergedValue(key, a[key], b[key]);
  return all;
}
