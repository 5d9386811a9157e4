import { type AuthorizationTools, authorize } from './authorize.ts';
import { MAX_ERROR_BYTES, readBounded } from './bounded-body.ts';
import type { WireCodec } from './codec.ts';
import type { UpstreamErrorInfo } from './conversation.ts';
import type { ProviderDefinition } from './definition.ts';
import { GoogleTokenError } from './google-token.ts';
import { type ProviderKey, secretsOf } from './provider-key.ts';
import { retryAfterOf, retryDelayIn, shouldRetryOf } from './retry-after.ts';
import { scrub } from './scrub.ts';
import type { StopSwitch } from './stop-switch.ts';
import { UpstreamFailure } from './upstream-failure.ts';

/** A request ready to go but for its credentials. */
export interface OutgoingRequest {
  readonly url: string;
  /** JSON text. */
  readonly body: string;
  readonly accept: 'text/event-stream' | 'application/json';
  /** More headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SendContext {
  readonly provider: ProviderDefinition;
  readonly codec: WireCodec;
  readonly key: ProviderKey;
  readonly tools: Omit<AuthorizationTools, 'signal'>;
  readonly stop: StopSwitch;
  /** Milliseconds until response headers, signing included. */
  readonly headersMs: number;
  /** Told of every response's headers, an error's too. */
  readonly heard: (headers: Headers) => void;
}

/** The version of Anthropic's API that our codec speaks; every server of that format wants it said. */
const ANTHROPIC_VERSION = '2023-06-01';

/**
 * Sends one request and waits for the headers of a 2xx of the right type. Throws `UpstreamFailure` for everything else; the
 * body of what failed has been read or cancelled by then.
 */
export async function send(context: SendContext, request: OutgoingRequest): Promise<Response> {
  const { provider, codec, stop } = context;
  const inTime = stop.limit(context.headersMs, {
    kind: 'timeout',
    message: `${provider.name} sent no response headers within ${context.headersMs} ms.`,
  });
  const response = await stop.guard(
    async (signal) => {
      const headers = await authorize(
        provider,
        codec.format,
        context.key,
        { method: 'POST', url: request.url, headers: plainHeaders(request, codec), body: request.body },
        { ...context.tools, signal },
      );
      // Redirects are not followed: the next address could be anyone's, and the request carries the key and the conversation.
      return fetch(request.url, { method: 'POST', headers, body: request.body, redirect: 'manual', signal });
    },
    (cause) => connectionFailure(provider, cause),
  );
  inTime();
  context.heard(response.headers);
  if (response.ok) {
    const wrong = wrongType(response, request.accept, provider);
    if (wrong === undefined) return response;
    await cancelBody(response);
    throw new UpstreamFailure(wrong);
  }
  throw await refusal(context, response);
}

function plainHeaders(request: OutgoingRequest, codec: WireCodec): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: request.accept,
    'user-agent': 'parallax',
    ...(codec.format === 'anthropic-messages' ? { 'anthropic-version': ANTHROPIC_VERSION } : {}),
    ...request.headers,
  };
}

/** An error response as a failure: what the codec reads in it, freed of secrets, and when to come back. */
async function refusal(context: SendContext, response: Response): Promise<UpstreamFailure> {
  const { provider, codec, key, stop, tools } = context;
  if (response.status < 400) {
    await cancelBody(response);
    return new UpstreamFailure({
      kind: 'server_error',
      status: response.status,
      code: 'redirected',
      message: `${provider.name} answered with a redirect (status ${response.status}), which is not followed.`,
    });
  }
  const inTime = stop.limit(context.headersMs, {
    kind: 'timeout',
    message: `${provider.name} did not finish its error response.`,
  });
  const text = await stop.guard(
    () => readBounded(response.body, MAX_ERROR_BYTES, 'cut'),
    (cause) => connectionFailure(provider, cause),
  );
  inTime();
  const info = codec.decodeError(response.status, text);
  const retryAfterMs = retryAfterOf(response.headers, tools.clock.now()) ?? retryDelayIn(text);
  const shouldRetry = shouldRetryOf(response.headers);
  return new UpstreamFailure(withoutSecrets(info, provider, key), {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(shouldRetry === undefined ? {} : { shouldRetry }),
  });
}

/**
 * Providers quote keys, tokens and signed headers when they refuse them, sometimes masked in a way of their own. So what they say of
 * a refused key is replaced altogether, and the key's own texts are taken out of everything else.
 */
export function withoutSecrets(
  info: UpstreamErrorInfo,
  provider: ProviderDefinition,
  key: ProviderKey,
): UpstreamErrorInfo {
  const secrets = secretsOf(provider, key);
  const { code, param } = info;
  const clean = {
    ...info,
    ...(code === undefined ? {} : { code: scrub(code, secrets) }),
    ...(param === undefined ? {} : { param: scrub(param, secrets) }),
  };
  if (
    info.kind === 'authentication' ||
    (info.kind === 'permission' && provider.authentication.kind === 'aws')
  ) {
    return { ...clean, message: `${provider.name} did not accept the key.` };
  }
  return { ...clean, message: scrub(info.message, secrets) };
}

/** What `fetch` throws can quote the address and whatever stands in it: only a system's own code is taken over. */
export function connectionFailure(provider: ProviderDefinition, cause: unknown): UpstreamFailure {
  if (cause instanceof GoogleTokenError) {
    const retryable = cause.status === undefined ? false : cause.status >= 500 || cause.status === 429;
    return new UpstreamFailure(
      {
        kind: 'authentication',
        message: cause.message,
        ...(cause.status === undefined ? {} : { status: cause.status }),
      },
      { shouldRetry: retryable },
    );
  }
  const code = systemCode(cause);
  return new UpstreamFailure({
    kind: 'connection',
    message: `The connection to ${provider.name} failed.`,
    ...(code === undefined ? {} : { code }),
  });
}

/** `ECONNREFUSED` and its like, in the error or in its cause. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
  return error.cause === undefined ? undefined : systemCode(error.cause);
}

/** A 200 of another type than was asked for: a proxy's page, a portal, an error dressed as success. No type at all is let through. */
function wrongType(
  response: Response,
  accept: OutgoingRequest['accept'],
  provider: ProviderDefinition,
): UpstreamErrorInfo | undefined {
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const right =
    accept === 'text/event-stream' ? type === accept : /^[\w.+-]+\/(?:[\w.-]+\+)?json$/.test(type);
  if (type === '' || right) return undefined;
  return {
    kind: 'malformed',
    status: response.status,
    message: `${provider.name} answered with ${type.slice(0, 60)} where ${accept} was due.`,
  };
}

async function cancelBody(response: Response): Promise<void> {
  // The answer is not wanted; that its connection may break while it is cancelled changes nothing.
  await response.body?.cancel().catch(() => undefined);
}
