/** OpenAI's error body. https://platform.openai.com/docs/guides/error-codes */
import type { Fault } from '../fault.ts';

const TYPES: { [status: number]: string } = {
  429: 'requests',
  500: 'server_error',
  502: 'server_error',
  503: 'server_error',
  504: 'server_error',
  529: 'server_error',
};
const CODES: { [status: number]: string } = {
  401: 'invalid_api_key',
  404: 'not_found',
  413: 'request_too_large',
  429: 'rate_limit_exceeded',
};

/** `{error: {message, type, param, code}}`, all four always there. */
export function openaiFault(fault: Fault): {
  error: { message: string; type: string; param: string | null; code: string | null };
} {
  return {
    error: {
      message: fault.message,
      type: TYPES[fault.status] ?? (fault.status >= 500 ? 'server_error' : 'invalid_request_error'),
      param: fault.param,
      code: fault.code ?? CODES[fault.status] ?? null,
    },
  };
}
