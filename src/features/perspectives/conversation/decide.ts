import type { ToolChoice } from '../../providers/index.ts';
import { saysNothing } from '../merge/index.ts';
import { calledTools, canonicalCalls, type NamedCall, readArguments } from './canonical-calls.ts';

/** A completed perspective, as far as it matters for what a turn comes to. In the panel's order. */
export interface Candidate {
  readonly index: number;
  readonly modelId: string;
  readonly content: string;
  readonly calls: readonly NamedCall[];
  readonly finishReason: string | null;
}

/** What the conversation says of tools. */
export interface ToolPolicy {
  /** Tools that the client offers. */
  readonly names: readonly string[];
  readonly choice: ToolChoice;
  /** Whether several calls may be made at once. */
  readonly parallel: boolean;
}

/**
 * What a turn comes to: the calls of one perspective, or an answer out of texts. `judge`: the candidates want different things and the best of them is to decide.
 */
export type Decision =
  | { readonly action: 'tool_calls'; readonly perspective: number; readonly reason: string }
  | { readonly action: 'answer'; readonly candidates: readonly Candidate[]; readonly reason: string }
  | { readonly action: 'judge'; readonly candidates: readonly Candidate[] };

/**
 * Decides whether a turn acts or answers.
 *
 * 1. A perspective *acts* when it calls tools in a way that the client can carry out: tools that were offered, arguments that are JSON objects, one call where
 *    only one may be made. It *answers* when it calls none and says something. What does neither has no voice.
 * 2. Without tools, or with `none`, the turn answers. With `required` or a named tool only those that act have a voice, if any do.
 * 3. `by: 'judging'`: when not all want the same, the one that is judged best decides.
 * 4. `by: 'vote'`: the turn acts when more act than answer. On a tie it does what the first of them in the panel's order does.
 * 5. Among those that act, a set of calls has the support of every perspective that makes the same calls, and half the support of one that calls the same tools with
 *    other arguments. The most supported is passed on; on a tie the one that more make exactly so, then the first in the panel's order.
 * 6. Calls that cannot be carried out are passed on only when nobody did anything better: a client can still tell the model what was wrong.
 */
export function decide(taken: readonly Candidate[], policy: ToolPolicy, by: 'judging' | 'vote'): Decision {
  if (policy.names.length === 0 || policy.choice === 'none') {
    return { action: 'answer', candidates: taken, reason: 'No tool could be called.' };
  }
  const acting = taken.filter((candidate) => canBeCarriedOut(candidate.calls, policy));
  const answering = taken.filter((candidate) => candidate.calls.length === 0 && !saysNothing(candidate));
  const forced = policy.choice !== 'auto';
  if (acting.length === 0) return withoutActing(taken, answering, policy);
  const voters = forced
    ? acting
    : taken.filter((candidate) => acting.includes(candidate) || answering.includes(candidate));
  if (by === 'judging') {
    return sameCalls(voters, policy)
      ? act(voters, acting, policy, 'All make the same calls')
      : { action: 'judge', candidates: voters };
  }
  if (forced) return act(voters, acting, policy, 'A tool had to be called');
  const counts = `${acting.length} of ${voters.length} call tools`;
  const tie = acting.length === answering.length;
  const acts = tie ? voters[0]?.index === acting[0]?.index : acting.length > answering.length;
  const why = tie ? `${counts}, and the first of the panel ${acts ? 'does' : 'does not'}` : counts;
  return acts
    ? act(voters, acting, policy, why)
    : { action: 'answer', candidates: texts(taken), reason: `${why}.` };
}

/** What a merge is made from; it says itself who said nothing. */
function texts(taken: readonly Candidate[]): Candidate[] {
  return taken.filter(({ calls }) => calls.length === 0);
}

function withoutActing(
  taken: readonly Candidate[],
  answering: readonly Candidate[],
  policy: ToolPolicy,
): Decision {
  if (answering.length > 0)
    return {
      action: 'answer',
      candidates: texts(taken),
      reason: 'No model called a tool as it may be called.',
    };
  const calling = taken.filter(({ calls }) => calls.length > 0);
  return calling.length > 0
    ? act(calling, calling, policy, 'No model answered or called a tool as it may be called')
    : { action: 'answer', candidates: taken, reason: 'No model said anything.' };
}

function act(
  voters: readonly Candidate[],
  acting: readonly Candidate[],
  policy: ToolPolicy,
  why: string,
): Decision {
  const ordered = !policy.parallel;
  const sets = acting.map((candidate) => ({
    candidate,
    exact: canonicalCalls(candidate.calls, ordered),
    tools: calledTools(candidate.calls, ordered),
  }));
  // Counted in halves, so that everything stays whole.
  const supported = sets.map((one) => {
    const same = sets.filter(({ exact }) => exact === one.exact).length;
    const similar = sets.filter(({ exact, tools }) => exact !== one.exact && tools === one.tools).length;
    return { candidate: one.candidate, same, halves: 2 * same + similar };
  });
  // A stable sort: of equals the first in the panel's order stays first.
  const [best] = supported.sort((a, b) => b.halves - a.halves || b.same - a.same);
  if (best === undefined) throw new RangeError('nobody acts');
  const { candidate, same } = best;
  const agreed = same > 1 ? `${same} make the same calls` : 'no two make the same calls';
  return {
    action: 'tool_calls',
    perspective: candidate.index,
    reason: `${why}${voters.length > 1 ? `; ${agreed}` : ''}. Those of ${candidate.modelId} were passed on.`,
  };
}

function sameCalls(candidates: readonly Candidate[], policy: ToolPolicy): boolean {
  const sets = candidates.map(({ calls }) => canonicalCalls(calls, !policy.parallel));
  return candidates.every(({ calls }) => calls.length > 0) && new Set(sets).size === 1;
}

function canBeCarriedOut(calls: readonly NamedCall[], { names, choice, parallel }: ToolPolicy): boolean {
  if (calls.length === 0 || (!parallel && calls.length > 1)) return false;
  const allowed = typeof choice === 'object' ? [choice.name] : names;
  return calls.every(
    ({ name, arguments: text }) => allowed.includes(name) && readArguments(text) !== undefined,
  );
}
