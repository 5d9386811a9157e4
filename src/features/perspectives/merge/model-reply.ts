import { CREDIT_LIMIT } from '../../metering/index.ts';
import { ModelCallError, type UpstreamErrorKind } from '../../providers/index.ts';
import type { MergeCall, MergeDeps, MergeReply } from './merge-input.ts';

export type Replied =
  | { readonly ok: true; readonly reply: MergeReply }
  | { readonly ok: false; readonly reason: string; readonly kind: UpstreamErrorKind };

/**
 * Makes a call; what the model or its provider does wrong comes back as a reason, in words for a person. A cancelled run throws the
 * signal's reason, and a defect throws itself.
 */
export async function reply(
  deps: MergeDeps,
  call: MergeCall,
  onText?: (text: string) => void,
): Promise<Replied> {
  try {
    deps.signal?.throwIfAborted();
    const given =
      onText !== undefined && deps.stream !== undefined
        ? await deps.stream(call, onText)
        : await deps.ask(call);
    deps.signal?.throwIfAborted();
    if (given.finishReason === 'refusal')
      return { ok: false, kind: 'content_policy', reason: `${call.modelId} declined` };
    return { ok: true, reply: given };
  } catch (error) {
    deps.signal?.throwIfAborted();
    if (!(error instanceof ModelCallError)) throw error;
    return {
      ok: false,
      kind: error.error.kind,
      reason: `${call.modelId} could not be had (${error.error.code === CREDIT_LIMIT ? 'the credit did not reach' : REASONS[error.error.kind]})`,
    };
  }
}

const REASONS: Readonly<Record<UpstreamErrorKind, string>> = {
  invalid_request: 'its provider did not accept the request',
  authentication: 'its provider did not accept the key',
  permission: 'the key may not use it',
  not_found: 'its provider does not know it',
  too_large: 'the request was too large for it',
  rate_limited: 'its provider limits requests',
  quota_exceeded: 'the key has no quota left',
  content_policy: 'its provider’s content policy refused',
  context_length: 'the answers were too long for it',
  overloaded: 'its provider is overloaded',
  timeout: 'it did not answer in time',
  server_error: 'its provider failed',
  malformed: 'its provider sent something that cannot be read',
  connection: 'the connection broke off',
};
