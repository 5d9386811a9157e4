import type { z } from 'zod';
import { ParallaxError } from '../errors.ts';

/** Deepest nesting of arrays and objects that a request body may have: no honest body comes near it. */
export const MAX_JSON_DEPTH = 100;

/**
 * Reads a JSON body within bounds. Throws `ParallaxError`: `unsupported_media_type` (415), `payload_too_large` (413), `malformed_request` (400) for
 * bad UTF-8, bad JSON or absurd nesting. The body is never buffered beyond `maxBytes`.
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new ParallaxError(
      'unsupported_media_type',
      'Send the body as JSON, with the header "content-type: application/json".',
    );
  }
  const text = await readText(request, maxBytes);
  if (nestsDeeperThan(text, MAX_JSON_DEPTH)) {
    throw new ParallaxError('malformed_request', `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const problem = text.trim() === '' ? 'is empty; a JSON object is expected' : 'is not valid JSON';
    throw new ParallaxError('malformed_request', `The body ${problem}.`, { cause });
  }
}

/** Reads a body as text within bounds. Throws `ParallaxError` `payload_too_large` (413) and, for bad UTF-8, `malformed_request` (400). */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const bytes = await readBytes(request, maxBytes);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ParallaxError('malformed_request', 'The body is not valid UTF-8.', { cause });
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Checks a value against a schema. Throws `ParallaxError` `invalid_parameter` (422) that names the first wrong field, as a path.
 * `at` is what the path starts with, for values that are not the body (`query`).
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at = '',
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined)
    throw new ParallaxError('invalid_parameter', 'The request is not of the expected form.');
  const named = innermost(issue);
  const param = fieldPath([...(at === '' ? [] : [at]), ...named.path]);
  const what = param === '' ? 'The body' : `\`${param}\``;
  throw new ParallaxError('invalid_parameter', `${what}: ${sentence(named.message)}`, {
    ...(param === '' ? {} : { param }),
  });
}

type Issue = z.core.$ZodIssue;

/** The most telling issue: in a union, the branch that got furthest; for an unknown key, the key itself. */
function innermost(issue: Issue): { path: PropertyKey[]; message: string } {
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((errors) => errors[0]).filter((first) => first !== undefined);
    const furthest = branches.sort((a, b) => depth(b) - depth(a))[0];
    if (furthest !== undefined && depth(furthest) > 0) {
      const inner = innermost(furthest);
      return { path: [...issue.path, ...inner.path], message: inner.message };
    }
  }
  if (issue.code === 'unrecognized_keys' && issue.keys[0] !== undefined) {
    return { path: [...issue.path, issue.keys[0]], message: 'is not a known field' };
  }
  return { path: [...issue.path], message: issue.message };
}

function depth(issue: Issue): number {
  return issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0);
}

function fieldPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text.slice(0, 200);
}

function sentence(message: string): string {
  const text = message.replace(/^Invalid input: /, '');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new ParallaxError(
      'payload_too_large',
      `The body is larger than ${Math.round(maxBytes / 1024)} KiB, the most this route takes.`,
    );
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) throw tooLarge();
  // A body that says how long it is cannot be longer, and is read in one go: piece by piece costs several times as much, and so does asking
  // for the body's stream at all.
  if (length !== null && Number(length) <= maxBytes && !request.headers.has('content-encoding'))
    return new Uint8Array(await request.arrayBuffer());
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  const only = chunks[0];
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** Whether brackets outside strings nest deeper than `limit`; one pass, no recursion. */
export function nestsDeeperThan(text: string, limit: number): boolean {
  let level = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      level += 1;
      if (level > limit) return true;
    } else if (code === 125 || code === 93) level -= 1;
  }
  return false;
}
