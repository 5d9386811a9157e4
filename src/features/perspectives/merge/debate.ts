import { CONNECTIONS_PER_INVOCATION } from '../quorum.ts';
import { conclude } from './consensus.ts';
import { ANSWERS_BUDGET_TOKENS } from './cut.ts';
import { readPosition } from './debate-position.ts';
import type { DebateRound, MergeOutcome, PositionStatus } from './merge-input.ts';
import type { Merging } from './merging.ts';
import { reply } from './model-reply.ts';
import { type Panel, type Panelist, withTexts } from './panel.ts';
import { debateMessages } from './prompts.ts';
import { saysNothing } from './refusal.ts';
import { relabel } from './relabel.ts';
import { PROSE_OUTPUT_TOKENS } from './write.ts';

export const DEFAULT_ROUNDS = 2;
export const MAX_ROUNDS = 3;

interface Turn {
  readonly member: Panelist;
  readonly content: string;
  readonly status: PositionStatus;
}

/**
 * Real rounds: each model reads the others' positions, without knowing whose they are, and writes its own anew, all of a round at once. A
 * model that cannot be had in a round stays where it stood. The debate ends early when nobody moves. Then the merging model concludes.
 */
export async function mergeDebate(merging: Merging): Promise<MergeOutcome> {
  const { input, deps, notes } = merging;
  const most = Math.min(MAX_ROUNDS, Math.max(1, Math.trunc(input.rounds ?? DEFAULT_ROUNDS)));
  const rounds: DebateRound[] = [];
  let panel = merging.panel;
  let anyoneSpoke = false;
  for (let round = 1; round <= most; round++) {
    const turns = await takeTurns(merging, panel, round, most);
    panel = withTexts(
      panel,
      new Map(turns.map((turn) => [turn.member.answer.index, turn.content])),
      input.prompt,
      ANSWERS_BUDGET_TOKENS,
    );
    const recorded = recordOf(panel, round, turns);
    rounds.push(recorded);
    deps.onRound?.(recorded);
    anyoneSpoke ||= turns.some((turn) => turn.status !== 'failed');
    if (turns.some((turn) => turn.status === 'revised')) continue;
    if (round < most) {
      notes.push(
        anyoneSpoke
          ? `Nobody changed position in round ${round}, so the debate ended there.`
          : `No model could be had in round ${round}, so the debate ended there.`,
      );
    }
    break;
  }
  const ended: Merging = { ...merging, panel };
  const outcome = anyoneSpoke
    ? await conclude(ended, 'debate', rounds.length)
    : withReason(
        await conclude(ended, 'consensus', null),
        'No model took part in the debate, so the answers are concluded from as they were.',
      );
  const content = outcome.model === null ? relabel(panel, outcome.content) : outcome.content;
  return { ...outcome, content, rounds };
}

/** A merge that stands in for the debate that could not be had. */
function withReason(outcome: MergeOutcome, reason: string): MergeOutcome {
  return {
    ...outcome,
    fallback: {
      from: 'debate',
      reason: outcome.fallback === null ? reason : `${reason} ${outcome.fallback.reason}`,
    },
  };
}

/** All turns of a round, as many at once as an invocation may have connections. */
async function takeTurns(merging: Merging, panel: Panel, round: number, rounds: number): Promise<Turn[]> {
  const turns: Turn[] = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < panel.members.length; at = next++) {
      const member = panel.members[at];
      if (member !== undefined) turns.push(await takeTurn(merging, panel, member, round, rounds));
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS_PER_INVOCATION, panel.members.length) }, work));
  return turns;
}

async function takeTurn(
  { input, deps, question, notes }: Merging,
  panel: Panel,
  member: Panelist,
  round: number,
  rounds: number,
): Promise<Turn> {
  const { index, modelId, content: before } = member.answer;
  const given = await reply(deps, {
    id: `round-${round}-${index}`,
    modelId,
    purpose: 'debate',
    perspective: index,
    messages: debateMessages(question, panel, member, round, rounds),
    maxTokens: input.maxTokens ?? PROSE_OUTPUT_TOKENS,
  });
  const stood = (reason: string): Turn => {
    notes.push(`Round ${round}: ${reason}, so its last position stands.`);
    return { member, content: before, status: 'failed' };
  };
  if (!given.ok) return stood(given.reason);
  if (saysNothing({ content: given.reply.text })) return stood(`${modelId} declined or said nothing`);
  const position = readPosition(given.reply.text, before);
  if (position === null) return stood(`${modelId} said nothing`);
  if (given.reply.finishReason === 'length')
    notes.push(
      given.reply.stopReason === undefined
        ? `Round ${round}: the position of ${modelId} was cut at its token limit.`
        : `Round ${round}: the position of ${modelId} was cut: the credit did not reach further.`,
    );
  return { member, content: position.content, status: position.changed ? 'revised' : 'kept' };
}

function recordOf(panel: Panel, round: number, turns: readonly Turn[]): DebateRound {
  const positions = turns.map(({ member, content, status }) => ({
    perspective: member.answer.index,
    model: member.answer.modelId,
    content: relabel(panel, content),
    status,
  }));
  return { round, positions: positions.sort((a, b) => a.perspective - b.perspective) };
}
