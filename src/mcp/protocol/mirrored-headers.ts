import type { Tool } from '../tool.ts';

/** JSON-RPC code of 2026-07-28 for headers that do not say what the body says. */
export const HEADER_MISMATCH = -32_020;

/** Under this key of its schema an argument names the header that repeats it (2026-07-28, Streamable HTTP, "Custom headers from tool parameters"). */
const DECLARATION = 'x-mcp-header';
const HEADER_PREFIX = 'Mcp-Param-';
/** `=?base64?…?=`: UTF-8 in Base64, for values that a header cannot carry. Anything else stands for itself. */
const WRAPPED = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/**
 * What is wrong with the headers that mirror arguments of a call, or undefined. An argument that is given must have its header, with the same value; a
 * header without an argument is not looked at. The SDK checks this for the tools of its `McpServer` alone.
 */
export function mirroredHeaderFault(tool: Tool, given: unknown, headers: Headers): string | undefined {
  return faultIn(tool.inputSchema(), given, headers);
}

function faultIn(schema: unknown, value: unknown, headers: Headers): string | undefined {
  if (!isRecord(schema)) return undefined;
  const name = schema[DECLARATION];
  if (typeof name === 'string') return headerFault(`${HEADER_PREFIX}${name}`, value, headers);
  if (!isRecord(schema.properties) || !isRecord(value)) return undefined;
  for (const [property, inner] of Object.entries(schema.properties)) {
    const fault = faultIn(inner, value[property], headers);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function headerFault(header: string, value: unknown, headers: Headers): string | undefined {
  // Only these have a form in a header; what else is wrong with the argument its schema says.
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const sent = headers.get(header);
  if (sent === null) return `The header ${header} is missing, and the body has the argument it repeats.`;
  const said = unwrapped(sent);
  if (said === undefined) return `The header ${header} is not valid Base64 of UTF-8 text.`;
  const same =
    typeof value === 'number' && DECIMAL.test(said) ? Number(said) === value : said === String(value);
  return same ? undefined : `The header ${header} does not say what the body says.`;
}

function unwrapped(sent: string): string | undefined {
  const payload = WRAPPED.exec(sent)?.[1];
  if (payload === undefined) return sent;
  if (!BASE64.test(payload)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: the caller is told so.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
