import { ParallaxError } from '../errors.ts';
import { type AddressPolicy, refusalSentence, refusedAddress } from './address.ts';

export interface GuardedRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface GuardedBounds extends AddressPolicy {
  /** For the whole of it, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Beginnings of content types that are read: `text/html`, `application/json`, `image/`. */
  readonly contentTypes: readonly string[];
  /** Redirects that are followed; each address is checked like the first. */
  readonly maxRedirects?: number;
}

export interface GuardedResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly body: Uint8Array;
}

/** Headers that must not follow a redirect to another origin. */
const CREDENTIALS = [
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
];
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The one way to call an address that a person gave. The address, and that of every redirect, must be public (`refusedAddress`); time, size and type of the
 * answer are bounded; credentials do not follow to another origin. Throws `ParallaxError` `invalid_parameter` for an address that is not called and
 * `upstream_failed` for an answer that is not taken, with a sentence that quotes neither address nor answer.
 */
export async function guardedFetch(
  address: string,
  request: GuardedRequest,
  bounds: GuardedBounds,
): Promise<GuardedResponse> {
  const time = AbortSignal.timeout(bounds.timeoutMs);
  const signal = request.signal === undefined ? time : AbortSignal.any([time, request.signal]);
  try {
    return await follow(address, request, bounds, signal);
  } catch (error) {
    if (error instanceof ParallaxError) throw error;
    // What is thrown may quote the address.
    throw failed(time.aborted ? `It did not answer within ${bounds.timeoutMs} ms.` : 'No connection.');
  }
}

async function follow(
  address: string,
  request: GuardedRequest,
  bounds: GuardedBounds,
  signal: AbortSignal,
): Promise<GuardedResponse> {
  let url = address;
  let headers: Readonly<Record<string, string>> = { 'user-agent': 'parallax', ...request.headers };
  let { method = 'GET', body } = request;
  for (let hop = 0; ; hop++) {
    refuseAddress(url, bounds);
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null) return read(response, url, bounds);
    await response.body?.cancel();
    if (hop >= (bounds.maxRedirects ?? 0)) throw failed('It answered with a redirect that is not followed.');
    const next = URL.parse(location, url);
    if (next === null) throw failed('It redirects to something that is no address.');
    if (new URL(url).origin !== next.origin) headers = withoutCredentials(headers);
    // 307 and 308 keep method and body, the others do not (RFC 9110, section 15.4).
    if (response.status !== 307 && response.status !== 308 && method === 'POST') {
      method = 'GET';
      body = undefined;
    }
    url = next.href;
  }
}

/** Throws `invalid_parameter` for an address that may not be called. */
export function refuseAddress(address: string, policy: AddressPolicy, param?: string): void {
  const refusal = refusedAddress(address, policy);
  if (refusal === null) return;
  throw new ParallaxError('invalid_parameter', `The address is not called. ${refusalSentence(refusal)}`, {
    details: { reason: refusal },
    ...(param === undefined ? {} : { param }),
  });
}

async function read(response: Response, url: string, bounds: GuardedBounds): Promise<GuardedResponse> {
  const { status, headers } = response;
  const type = headers.get('content-type')?.toLowerCase() ?? '';
  if (response.ok && !bounds.contentTypes.some((allowed) => type.startsWith(allowed))) {
    await response.body?.cancel();
    throw failed('It answered with a type of content that is not read.');
  }
  return { status, headers, url, body: await bounded(response.body, bounds.maxBytes) };
}

async function bounded(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.byteLength;
    // Leaving the loop cancels the body: what is beyond the bound is never held.
    if (size > maxBytes) throw failed(`Its answer has more than ${maxBytes} bytes.`);
    pieces.push(piece);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !CREDENTIALS.includes(name.toLowerCase())),
  );
}

function failed(what: string): ParallaxError {
  return new ParallaxError('upstream_failed', `The address could not be read. ${what}`);
}
