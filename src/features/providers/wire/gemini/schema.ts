import type { JsonObject } from '../../conversation.ts';
import { isObject } from '../fields.ts';

/** Deepest schema that is converted; deeper ones stay as they are, so that a hostile one cannot exhaust the stack. */
const MAX_DEPTH = 64;

/** `Schema` members that are counts, sent as text because they are 64-bit (`"maxItems": "3"`). */
const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

/**
 * Gemini's `Schema` (a subset of OpenAPI 3.0: types in capitals, `nullable`, counts as text) as JSON Schema. `propertyOrdering` and
 * `example` have no counterpart that other formats accept and are left out.
 */
export function jsonSchemaOf(schema: JsonObject, depth = 0): JsonObject {
  if (depth > MAX_DEPTH) return schema;
  const result = new Map<string, unknown>();
  for (const [key, value] of Object.entries(schema)) {
    const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    if (value === null || name === 'nullable' || name === 'propertyOrdering' || name === 'example') continue;
    if (name === 'type' && typeof value === 'string') {
      if (value !== 'TYPE_UNSPECIFIED') result.set('type', value.toLowerCase());
    } else if (name === 'format' && value === 'enum') continue;
    else if (COUNTS.has(name) && typeof value === 'string' && /^\d{1,15}$/.test(value))
      result.set(name, Number(value));
    else if (name === 'items' && isObject(value)) result.set(name, jsonSchemaOf(value, depth + 1));
    else if (name === 'anyOf' && Array.isArray(value))
      result.set(
        name,
        value.map((item: unknown) => (isObject(item) ? jsonSchemaOf(item, depth + 1) : item)),
      );
    else if (name === 'properties' && isObject(value))
      result.set(
        name,
        Object.fromEntries(
          Object.entries(value).map(([property, item]) => [
            property,
            isObject(item) ? jsonSchemaOf(item, depth + 1) : item,
          ]),
        ),
      );
    else result.set(name, value);
  }
  if (schema.nullable === true) allowNull(result);
  return Object.fromEntries(result);
}

function allowNull(schema: Map<string, unknown>): void {
  const type = schema.get('type');
  if (typeof type === 'string' && type !== 'null') schema.set('type', [type, 'null']);
  const values: unknown = schema.get('enum');
  if (Array.isArray(values) && !values.includes(null)) schema.set('enum', [...(values as unknown[]), null]);
}
