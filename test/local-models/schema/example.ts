/** A schema from an example of JSON in a prompt (“Reply with one JSON object of this form: {…}”), for requests that send no schema. */
import type { JsonObject } from '../ask.ts';
import { parsedOrText } from '../fields.ts';
import { isObject, type Schema } from './schema.ts';

const ASKED = /\b(?:reply|respond|answer|return|output)\b[^.{]{0,80}\bJSON\b/i;
const RANGE = /\bfrom (\d+) to (\d+)\b/i;

function schemaOf(example: unknown, range: string): Schema {
  if (Array.isArray(example))
    return { type: 'array', items: example.length > 0 ? schemaOf(example[0], range) : { type: 'string' } };
  if (isObject(example)) {
    const properties: JsonObject = {};
    for (const [name, value] of Object.entries(example)) properties[name] = schemaOf(value, range);
    return { type: 'object', properties, required: Object.keys(properties) };
  }
  if (typeof example === 'number') return { type: 'number', description: range };
  return { type: typeof example === 'boolean' ? 'boolean' : 'string' };
}

/** The schema of the last JSON object that a prompt shows as the form of the reply; undefined when it asks for none. */
export function schemaFromExample(instruction: string): Schema | undefined {
  if (!ASKED.test(instruction)) return undefined;
  const end = instruction.lastIndexOf('}');
  const tries = [...instruction.slice(0, end + 1).matchAll(/\{/g)].slice(0, 50);
  for (const { index } of tries) {
    const example = parsedOrText(instruction.slice(index, end + 1));
    if (isObject(example) && Object.keys(example).length > 0)
      return schemaOf(example, RANGE.exec(instruction)?.[0] ?? '');
  }
  return undefined;
}
