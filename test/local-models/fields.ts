/** Reads fields of a request body and refuses wrong types, naming the field. */
import type { JsonObject, Media } from './ask.ts';
import { Fault } from './fault.ts';
import { isObject } from './schema/schema.ts';

function wrong(path: string, expected: string, value: unknown): Fault {
  const got =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'an array'
        : isObject(value)
          ? 'an object'
          : `${typeof value}`;
  return new Fault(400, `Invalid type for '${path}': expected ${expected}, but got ${got} instead.`, {
    param: path,
    code: 'invalid_type',
  });
}

/** A body that must be a JSON object. */
export function bodyObject(value: unknown): JsonObject {
  if (!isObject(value))
    throw new Fault(400, 'The request body must be a JSON object.', { code: 'invalid_body' });
  return value;
}

/** A field under its name or, in Gemini's JSON, under its snake_case name. */
export function field(object: JsonObject, name: string): unknown {
  if (object[name] !== undefined) return object[name] ?? undefined;
  return object[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ?? undefined;
}

/** A string; undefined when it is absent or null. */
export function optionalText(object: JsonObject, name: string, path = name): string | undefined {
  const value = field(object, name);
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(path, 'a string', value);
}

export function requiredText(object: JsonObject, name: string, path = name): string {
  const value = optionalText(object, name, path);
  if (value === undefined) throw missing(path);
  return value;
}

/** The 400 for a field that must be there. */
export function missing(path: string): Fault {
  return new Fault(400, `Missing required parameter: '${path}'.`, {
    param: path,
    code: 'missing_required_parameter',
  });
}

export function optionalFlag(object: JsonObject, name: string, path = name): boolean | undefined {
  const value = field(object, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(path, 'a boolean', value);
}

/** A number within bounds; undefined when it is absent or null. */
export function optionalNumber(
  object: JsonObject,
  name: string,
  bounds: { low?: number; high?: number; integer?: boolean } = {},
  path = name,
): number | undefined {
  const value = field(object, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number')
    throw wrong(path, bounds.integer === true ? 'an integer' : 'a number', value);
  if (bounds.integer === true && !Number.isInteger(value)) throw wrong(path, 'an integer', value);
  if (value < (bounds.low ?? Number.NEGATIVE_INFINITY) || value > (bounds.high ?? Number.POSITIVE_INFINITY)) {
    const range =
      bounds.high === undefined ? `at least ${bounds.low}` : `between ${bounds.low} and ${bounds.high}`;
    throw new Fault(400, `Invalid value for '${path}': ${value}. It must be ${range}.`, {
      param: path,
      code: 'invalid_value',
    });
  }
  return value;
}

export function optionalObject(object: JsonObject, name: string, path = name): JsonObject | undefined {
  const value = field(object, name);
  if (value === undefined || isObject(value)) return value;
  throw wrong(path, 'an object', value);
}

export function optionalList(object: JsonObject, name: string, path = name): unknown[] | undefined {
  const value = field(object, name);
  if (value === undefined || Array.isArray(value)) return value;
  throw wrong(path, 'an array', value);
}

export function requiredList(object: JsonObject, name: string, path = name): unknown[] {
  const value = optionalList(object, name, path);
  if (value === undefined) throw missing(path);
  return value;
}

/** An object at a place in a list. */
export function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw wrong(path, 'an object', value);
  return value;
}

export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw wrong(path, 'a string', value);
  return value;
}

/** A string or a list of strings, as a list; absent is empty. */
export function textList(object: JsonObject, name: string): string[] {
  const value = field(object, name);
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw wrong(name, 'a string or an array of strings', value);
  return value.map((each, index) => textAt(each, `${name}[${index}]`));
}

/** JSON text as a value; text that is no JSON stays text. Tool arguments come so. */
export function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function kindOf(type: string): Media['kind'] {
  const kind = type.split('/')[0];
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file';
}

/** Media from base64 data. */
export function inlineMedia(type: string, base64: string, name: string | null = null): Media {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return {
    kind: kindOf(type),
    type,
    bytes: Math.max(0, Math.floor((base64.length * 3) / 4) - padding),
    name,
  };
}

/** Media from a data URL or a link; `fallback` is its type when the URL does not tell. */
export function linkedMedia(url: string, fallback: string, name: string | null = null): Media {
  const data = /^data:([^;,]*)(?:;[^,]*)?,(.*)$/s.exec(url);
  if (data !== null)
    return inlineMedia(data[1] === undefined || data[1] === '' ? fallback : data[1], data[2] ?? '', name);
  return { kind: kindOf(fallback), type: fallback, bytes: null, name };
}
