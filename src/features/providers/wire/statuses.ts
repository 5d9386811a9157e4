import type { UpstreamErrorKind } from '../conversation.ts';

/** What an HTTP status alone says about a provider's failure; used when the body says nothing that we know. */
export function kindOfStatus(status: number): UpstreamErrorKind {
  switch (status) {
    case 401:
      return 'authentication';
    case 402:
      return 'quota_exceeded';
    case 403:
      return 'permission';
    case 404:
      return 'not_found';
    case 408:
    case 504:
      return 'timeout';
    case 413:
      return 'too_large';
    case 429:
      return 'rate_limited';
    // 529 is Anthropic's "overloaded".
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 400 && status < 500 ? 'invalid_request' : 'server_error';
  }
}

/** The kind that a body names, or the status's own where that says more: a general error with status 413 or 503. */
export function kindOrStatus(
  kind: UpstreamErrorKind | undefined,
  status: number | undefined,
): UpstreamErrorKind {
  const ofStatus = status === undefined ? 'server_error' : kindOfStatus(status);
  const general = kind === 'invalid_request' || kind === 'server_error';
  if (kind === undefined) return ofStatus;
  return general && ofStatus !== 'invalid_request' && ofStatus !== 'server_error' ? ofStatus : kind;
}

/**
 * The sentence of an error whose body is not of the format: a short plain text as it is, otherwise the status alone (a proxy's HTML
 * page helps nobody).
 */
export function statusSentence(status: number, body: string): string {
  const text = body.trim();
  return text !== '' && text.length <= 300 && !/[<{[]/.test(text)
    ? text
    : `The provider answered with status ${status}.`;
}
