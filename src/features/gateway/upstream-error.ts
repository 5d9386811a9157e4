import { type ErrorCode, ParallaxError } from '../../platform/errors.ts';
import { redactText } from '../../platform/log.ts';
import { ModelCallError, type UpstreamErrorInfo } from '../providers/index.ts';

/** Codes of the providers slice that are errors of ours in their own right. */
const OWN_CODES: Readonly<Record<string, ErrorCode>> = {
  unsupported_parameter: 'unsupported_parameter',
  no_provider_key: 'no_provider_key',
  model_unpriced: 'model_unpriced',
};

/**
 * A call that no model answered, as an error towards the client. What a provider says of the request is passed on; what it says of its key is between
 * it and us: a client that saw a provider's 401 would throw its own key away. Statuses are such that official clients retry what may
 * work the next time, and nothing else.
 */
export function clientError(error: ModelCallError): ParallaxError {
  const { failures, retryAfterMs } = error;
  const models = [...new Set(failures.map(({ target }) => target.modelId))];
  const info = errorOf(error.error);
  const providerCode = providerCodeOf(error.error);
  return new ParallaxError(info.code, info.message, {
    ...(error.error.param === undefined ? {} : { param: error.error.param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: {
      ...(models.length > 1 ? { tried: models } : {}),
      ...(providerCode === undefined ? {} : { provider_code: providerCode }),
    },
    cause: error,
  });
}

/**
 * The provider's own code for what is wrong with a request, which clients of its format may know and act on. A plain word: nothing secret can be in it. For
 * what we refuse ourselves it is the format's word, where it has one.
 */
function providerCodeOf({ kind, code, param }: UpstreamErrorInfo): string | undefined {
  if (code === 'unsupported_parameter') return formatCodeOf(param);
  if (kind !== 'invalid_request' && kind !== 'not_found') return undefined;
  return code !== undefined && /^[a-z][a-z_]{2,60}$/.test(code) && !code.endsWith('_error')
    ? code
    : undefined;
}

/** Any thrown thing of a call as what the client is told. */
export function asClientError(thrown: unknown): unknown {
  return thrown instanceof ModelCallError ? clientError(thrown) : thrown;
}

/** Our code for a provider's failure, and a sentence that says what to do. */
export function errorOf(error: UpstreamErrorInfo): { readonly code: ErrorCode; readonly message: string } {
  const own = OWN_CODES[error.code ?? ''];
  if (own !== undefined) return { code: own, message: error.message };
  const said = redactText(error.message);
  // Our own word for a provider that is left alone; nobody said it to us.
  if (error.code === 'circuit_open') return { code: 'upstream_overloaded', message: said };
  // So is a limit that we know of, and did not run into.
  if (error.code === 'provider_limit_used_up') return { code: 'rate_limited', message: said };
  switch (error.kind) {
    case 'invalid_request':
      return { code: 'invalid_request', message: said };
    case 'context_length':
      return { code: 'context_length_exceeded', message: said };
    case 'content_policy':
      return { code: 'content_policy_violation', message: said };
    case 'too_large':
      return { code: 'payload_too_large', message: said };
    case 'not_found':
      return isModel(error)
        ? { code: 'model_not_found', message: `The provider does not know this model. It said: ${said}` }
        : { code: 'not_found', message: said };
    case 'authentication':
    case 'permission':
      return {
        code: 'provider_key_refused',
        message: `The provider did not accept the key that this model is called with: your own key for Parallax is fine. ${said}`,
      };
    case 'rate_limited':
      return { code: 'rate_limited', message: `The provider is limiting requests. It said: ${said}` };
    case 'quota_exceeded':
      return {
        code: 'provider_quota_exceeded',
        message: `The provider key has no quota left. It said: ${said}`,
      };
    case 'overloaded':
      return { code: 'upstream_overloaded', message: `The provider is overloaded. It said: ${said}` };
    case 'timeout':
      return { code: 'upstream_timeout', message: said };
    case 'server_error':
    case 'malformed':
    case 'connection':
      return { code: 'upstream_failed', message: said };
  }
}

/** What a client's format calls a refusal of this parameter, where its clients act on the word: Anthropic's send the whole thread again. */
export function formatCodeOf(param: string | undefined): string | undefined {
  return param === 'thread' ? 'thread_unsupported_request' : undefined;
}

/** Whether it is the model that a provider does not know, and not an item, a file or a thread that the request names. */
function isModel({ code = '', param = 'model' }: UpstreamErrorInfo): boolean {
  return param === 'model' && (code === 'model_not_found' || !/^[a-z_]+_not_found$/.test(code));
}
