import type { UpstreamErrorInfo, UpstreamErrorKind } from '../../providers/index.ts';
import type { FailedPerspective } from '../run-answer.ts';

/** Longest message, as `UpstreamErrorInfo` bounds it. */
const MAX_MESSAGE = 1_000;
/** Longest reason of one model within it. */
const MAX_REASON = 240;

/**
 * Kinds by how much they tell: first what is wrong with the request, which would be wrong again; then what passes by itself; then what the operator has to see
 * to; last what is ours. Of kinds that equally many models met the first counts.
 */
const TELLING: readonly UpstreamErrorKind[] = [
  'context_length',
  'too_large',
  'invalid_request',
  'content_policy',
  'rate_limited',
  'overloaded',
  'timeout',
  'server_error',
  'connection',
  'malformed',
  'quota_exceeded',
  'authentication',
  'permission',
  'not_found',
];

/** What a run's own words for a failure are to a client; all others are the kinds themselves. */
const OWN_CODES: Readonly<Record<string, UpstreamErrorKind>> = {
  refused: 'content_policy',
  tool_calls_cut: 'invalid_request',
  answer_too_long: 'invalid_request',
  model_not_found: 'not_found',
  no_provider_key: 'authentication',
  interrupted: 'connection',
  cancelled: 'connection',
  straggler_cut: 'timeout',
  internal: 'server_error',
};

/**
 * The one error of a run in which every model failed: the kind that most of them met, and every model's reason, those of that kind first. `code` is that
 * kind's in the run's own words.
 */
export function runFailure(failures: readonly FailedPerspective[]): UpstreamErrorInfo {
  const told = failures.map((failure) => ({ ...failure, kind: kindOf(failure.error.code) }));
  const count = (kind: UpstreamErrorKind) => told.filter((failure) => failure.kind === kind).length;
  const [kind = 'server_error'] = [...TELLING].sort((a, b) => count(b) - count(a));
  const ordered = [
    ...told.filter((failure) => failure.kind === kind),
    ...told.filter((failure) => failure.kind !== kind),
  ];
  const reasons = ordered.map(({ modelId, error }) => `${modelId}: ${error.message.slice(0, MAX_REASON)}`);
  const all = failures.length === 1 ? 'The only model' : `All ${failures.length} models`;
  return {
    kind,
    code: ordered[0]?.error.code ?? 'internal',
    message: `${all} of the run failed. ${reasons.join(' ')}`.slice(0, MAX_MESSAGE),
  };
}

function kindOf(code: string): UpstreamErrorKind {
  return OWN_CODES[code] ?? TELLING.find((kind) => kind === code) ?? 'server_error';
}
