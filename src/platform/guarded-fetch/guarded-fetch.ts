import { ParallaxError } from '../errors.ts';
import { type AddressPolicy, isLocalAddress, refusalSentence, refusedAddress } from './address.ts';

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
  /** Content types that are read: `text/html`, `application/json`; one that ends in a slash stands for all of its kind: `image/`. `none`: only the status counts, no body is read. */
  readonly contentTypes: readonly string[] | 'none';
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

/** How we call ourselves, whatever a caller says. */
const USER_AGENT = 'parallax';
/** Headers that follow a redirect to another origin. Any other may be a credential: providers name theirs as they like. */
const HARMLESS = new Set(['accept', 'accept-language', 'content-type', 'user-agent']);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The one way to call an address that a person gave. The address, and that of every redirect, must be public (`refusedAddress`); time, size and type of the
 * answer are bounded; neither credentials nor a body follow to another origin, and nothing goes from https to plain HTTP. Throws `ParallaxError` `invalid_parameter` for an address that is not called and
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
  let policy: AddressPolicy = bounds;
  let headers = new Headers(request.headers);
  headers.set('user-agent', USER_AGENT);
  let { method = 'GET', body } = request;
  for (let hop = 0; ; hop++) {
    refuseAddress(url, policy);
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
    const from = new URL(url);
    if (from.protocol === 'https:' && next.protocol !== 'https:')
      throw failed('It redirects from https to something that is not.');
    // 307 and 308 keep method and body, the others do not (RFC 9110, section 15.4).
    if (response.status !== 307 && response.status !== 308 && method === 'POST') {
      method = 'GET';
      body = undefined;
      headers.delete('content-type');
    }
    if (from.origin !== next.origin) {
      // What is sent may hold secrets as well as how it is signed.
      if (body !== undefined) throw failed('It sends what it was sent on to another address.');
      headers = new Headers([...headers].filter(([name]) => HARMLESS.has(name)));
    }
    // This machine may send to itself in development; nobody else may send there.
    policy = { allowLocal: policy.allowLocal && isLocalAddress(url) };
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
  if (bounds.contentTypes === 'none') {
    await response.body?.cancel();
    return { status, headers, url, body: new Uint8Array() };
  }
  if (response.ok && !isRead(headers.get('content-type'), bounds.contentTypes)) {
    await response.body?.cancel();
    throw failed('It answered with a type of content that is not read.');
  }
  // What says that it is too large is not begun.
  if (Number(headers.get('content-length') ?? 0) > bounds.maxBytes) {
    await response.body?.cancel();
    throw tooLarge(bounds.maxBytes);
  }
  return { status, headers, url, body: await bounded(response.body, bounds.maxBytes) };
}

async function bounded(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.byteLength;
    // Leaving the loop cancels the body: what is beyond the bound is never held.
    if (size > maxBytes) throw tooLarge(maxBytes);
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

function isRead(header: string | null, allowed: readonly string[]): boolean {
  const type = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return allowed.some((one) => type === one || (one.endsWith('/') && type.startsWith(one)));
}

function tooLarge(maxBytes: number): ParallaxError {
  return failed(`Its answer has more than ${maxBytes} bytes.`);
}

function failed(what: string): ParallaxError {
  return new ParallaxError('upstream_failed', `The address could not be read. ${what}`);
}
