import { ParallaxError } from '../../../platform/errors.ts';
import { MalformedUpstreamError } from '../codec.ts';
import type { JsonObject, UpstreamErrorInfo } from '../conversation.ts';

/**
 * Readers of JSON fields for the wire codecs. A reader takes the value and the path it stood at. Those named plainly are for
 * a client's request and throw `ParallaxError` `invalid_parameter` with the path as `param`; `null` counts as absent for the
 * `optional…` ones. Those named `upstream…` are for a provider's answer and throw `MalformedUpstreamError`.
 */

/** Longest provider's sentence that is kept, in UTF-16 code units. */
export const MAX_MESSAGE_LENGTH = 1_000;
/** Longest path put into `param`: a path holds names that a client chose. */
const MAX_PATH_LENGTH = 200;

/** The error for a wrong field; `problem` completes the sentence "`path` …", e.g. `must be a string`. */
export function invalid(path: string, problem: string): ParallaxError {
  const param = path.slice(0, MAX_PATH_LENGTH);
  return new ParallaxError('invalid_parameter', `\`${param}\` ${problem}.`, { param });
}

/** The error for a provider's wrong field; `problem` completes the sentence "`path` …". */
export function malformed(path: string, problem: string): MalformedUpstreamError {
  return new MalformedUpstreamError(`\`${path.slice(0, MAX_PATH_LENGTH)}\` ${problem}`);
}

/** A JSON object: not `null`, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A client's body. Throws `malformed_request` when it is not an object. */
export function requestBody(body: unknown): JsonObject {
  if (!isObject(body)) throw new ParallaxError('malformed_request', 'The body must be a JSON object.');
  return body;
}

export function object(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw invalid(path, 'must be an object');
  return value;
}

export function optionalObject(value: unknown, path: string): JsonObject | undefined {
  return value === undefined || value === null ? undefined : object(value, path);
}

export function array(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(path, 'must be an array');
  return value as readonly unknown[];
}

export function optionalArray(value: unknown, path: string): readonly unknown[] | undefined {
  return value === undefined || value === null ? undefined : array(value, path);
}

export function string(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(path, 'must be a string');
  return value;
}

export function optionalString(value: unknown, path: string): string | undefined {
  return value === undefined || value === null ? undefined : string(value, path);
}

/** A string with at least one character: names and ids. */
export function name(value: unknown, path: string): string {
  const text = string(value, path);
  if (text === '') throw invalid(path, 'must not be empty');
  return text;
}

/** A finite number within the bounds, both included. */
export function number(value: unknown, path: string, min = -Infinity, max = Infinity): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(path, 'must be a number');
  if (value < min) throw invalid(path, `must be at least ${min}`);
  if (value > max) throw invalid(path, `must be at most ${max}`);
  return value;
}

export function optionalNumber(
  value: unknown,
  path: string,
  min = -Infinity,
  max = Infinity,
): number | undefined {
  return value === undefined || value === null ? undefined : number(value, path, min, max);
}

/** A whole number within the bounds, both included. */
export function integer(
  value: unknown,
  path: string,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const whole = number(value, path, min, max);
  if (!Number.isInteger(whole)) throw invalid(path, 'must be a whole number');
  return whole;
}

export function optionalInteger(
  value: unknown,
  path: string,
  min?: number,
  max?: number,
): number | undefined {
  return value === undefined || value === null ? undefined : integer(value, path, min, max);
}

export function boolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw invalid(path, 'must be true or false');
  return value;
}

export function optionalBoolean(value: unknown, path: string): boolean | undefined {
  return value === undefined || value === null ? undefined : boolean(value, path);
}

export function oneOf<Value extends string>(value: unknown, path: string, allowed: readonly Value[]): Value {
  const found = allowed.find((word) => word === value);
  if (found === undefined)
    throw invalid(path, `must be one of ${allowed.map((word) => `"${word}"`).join(', ')}`);
  return found;
}

export function optionalOneOf<Value extends string>(
  value: unknown,
  path: string,
  allowed: readonly Value[],
): Value | undefined {
  return value === undefined || value === null ? undefined : oneOf(value, path, allowed);
}

/** An array of strings. */
export function strings(value: unknown, path: string): readonly string[] {
  return array(value, path).map((item, index) => string(item, `${path}[${index}]`));
}

/** An object whose values are all strings, e.g. metadata. */
export function stringRecord(value: unknown, path: string): Readonly<Record<string, string>> {
  const record = object(value, path);
  for (const key of Object.keys(record)) string(record[key], `${path}.${key}`);
  return record as Readonly<Record<string, string>>;
}

/** A provider's object, e.g. the body of an answer. */
export function upstreamObject(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw malformed(path, 'is not an object');
  return value;
}

export function upstreamArray(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(path, 'is not an array');
  return value as readonly unknown[];
}

export function upstreamString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw malformed(path, 'is not a string');
  return value;
}

/** A provider's text that may be missing or `null`: the empty string then. */
export function upstreamText(value: unknown, path: string): string {
  return value === undefined || value === null ? '' : upstreamString(value, path);
}

/** A provider's count of tokens: 0 when missing, `null`, negative or not a number; whole otherwise. Never throws. */
export function count(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.round(value) : 0;
}

/** The JSON object in one event's data. Throws `MalformedUpstreamError`. */
export function upstreamJson(data: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (cause) {
    throw new MalformedUpstreamError('an event of the stream is not JSON', { cause });
  }
  if (!isObject(value)) throw malformed('event', 'is not an object');
  return value;
}

/** The value of a JSON text, or `undefined` when it is not JSON. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A provider's sentence, trimmed and cut to `MAX_MESSAGE_LENGTH` (never inside a surrogate pair). */
export function boundedMessage(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length <= MAX_MESSAGE_LENGTH) return trimmed;
  return `${trimmed
    .slice(0, MAX_MESSAGE_LENGTH - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`;
}

/**
 * The fields of an object that are not in `known`, those that are `null` left out; `undefined` when there is none. Safe for a field named
 * `__proto__`.
 */
export function unknownFields(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const rest = Object.entries(value).filter(([key, field]) => field !== null && !known.has(key));
  return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

/** `{[key]: value}`, or nothing when the value is undefined: for building objects without undefined members. */
export function given<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}

/** A provider answered 200 and an error in the body: still not an answer, but the provider's own words are known. */
export class ReportedUpstreamError extends MalformedUpstreamError {
  readonly error: UpstreamErrorInfo;

  constructor(error: UpstreamErrorInfo) {
    super(error.message);
    this.error = error;
  }
}
