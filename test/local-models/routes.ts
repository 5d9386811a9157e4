/** From a method and a path to what is asked for. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Format } from './ask.ts';

export type Operation =
  | 'generate'
  | 'embed'
  | 'embed-batch'
  | 'count'
  | 'models'
  | 'model'
  | 'health'
  | 'stats'
  | 'stats-reset';

export interface Route {
  /** The format that answers, errors included. */
  format: Format;
  /** null when there is no such route or it does not take this method. */
  operation: Operation | null;
  /** A route that exists, but for another method. */
  wrongMethod: boolean;
  /** The model that the path names. */
  model: string | null;
  stream: boolean;
  serverSentEvents: boolean;
}

interface Row {
  path: RegExp;
  method: 'GET' | 'POST';
  operation: Operation;
  format: Format;
}

const ROWS: readonly Row[] = [
  { path: /^\/v1\/chat\/completions$/, method: 'POST', operation: 'generate', format: 'openai-chat' },
  { path: /^\/v1\/responses$/, method: 'POST', operation: 'generate', format: 'openai-responses' },
  { path: /^\/v1\/embeddings$/, method: 'POST', operation: 'embed', format: 'openai-embeddings' },
  { path: /^\/v1\/messages$/, method: 'POST', operation: 'generate', format: 'anthropic' },
  { path: /^\/v1\/messages\/count_tokens$/, method: 'POST', operation: 'count', format: 'anthropic' },
  { path: /^\/v1\/models$/, method: 'GET', operation: 'models', format: 'openai-chat' },
  { path: /^\/v1\/models\/(.+)$/, method: 'GET', operation: 'model', format: 'openai-chat' },
  { path: /^\/v1beta\/models$/, method: 'GET', operation: 'models', format: 'gemini' },
  {
    path: /^\/v1beta\/models\/([^:]+):(?:generateContent|streamGenerateContent)$/,
    method: 'POST',
    operation: 'generate',
    format: 'gemini',
  },
  { path: /^\/v1beta\/models\/([^:]+):countTokens$/, method: 'POST', operation: 'count', format: 'gemini' },
  { path: /^\/v1beta\/models\/([^:]+):embedContent$/, method: 'POST', operation: 'embed', format: 'gemini' },
  {
    path: /^\/v1beta\/models\/([^:]+):batchEmbedContents$/,
    method: 'POST',
    operation: 'embed-batch',
    format: 'gemini',
  },
  { path: /^\/v1beta\/models\/([^:]+)$/, method: 'GET', operation: 'model', format: 'gemini' },
  { path: /^\/(?:health)?$/, method: 'GET', operation: 'health', format: 'openai-chat' },
  { path: /^\/_stats$/, method: 'GET', operation: 'stats', format: 'openai-chat' },
  { path: /^\/_stats\/reset$/, method: 'POST', operation: 'stats-reset', format: 'openai-chat' },
];

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    // A stray percent sign: such a path matches no route, whatever it says.
    if (error instanceof URIError) return path;
    throw error;
  }
}

function usualFormat(path: string, headers: IncomingHttpHeaders): Format {
  if (path.startsWith('/v1beta')) return 'gemini';
  return path.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined
    ? 'anthropic'
    : 'openai-chat';
}

/** Finds the route of a request. */
export function routeOf(method: string, url: URL, headers: IncomingHttpHeaders): Route {
  const path = decoded(url.pathname);
  const rows = ROWS.map((row) => ({ row, match: row.path.exec(path) })).filter((each) => each.match !== null);
  const found = rows.find(({ row }) => row.method === method || (row.method === 'GET' && method === 'HEAD'));
  const first = found ?? rows[0];
  const lists = first?.row.operation === 'models' || first?.row.operation === 'model';
  return {
    // The two list their models at the same path; Anthropic's clients tell by the version header.
    format: first === undefined || lists ? usualFormat(path, headers) : first.row.format,
    operation: found?.row.operation ?? null,
    wrongMethod: found === undefined && first !== undefined,
    model: found?.match?.[1] ?? null,
    stream: path.endsWith(':streamGenerateContent'),
    serverSentEvents: url.searchParams.get('alt') === 'sse',
  };
}
