import type { MergeStrategy } from '../../../contracts/perspectives.ts';
import { estimateTokens } from '../../../platform/tokens.ts';
import type { Message } from '../../providers/index.ts';
import { ANSWERS_BUDGET_TOKENS, QUESTION_BUDGET_TOKENS, SYSTEM_BUDGET_TOKENS } from './cut.ts';
import { DEFAULT_ROUNDS, MAX_ROUNDS } from './debate.ts';
import type { MergeAnswer } from './merge-input.ts';
import { type Panel, seatPanel } from './panel.ts';
import {
  consensusMessages,
  debateMessages,
  duelMessages,
  MAX_CLAIMS,
  rankingMessages,
  retryMessages,
  synthesisMessages,
  synthesisPlanMessages,
  type WritingNotes,
} from './prompts.ts';
import { MAX_PROBLEM, STRUCTURED_OUTPUT_TOKENS } from './structured.ts';
import { PROSE_OUTPUT_TOKENS } from './write.ts';

/** What a merge will be made from, as far as it is known before the answers are. Tokens are estimates. */
export interface MergeSketch {
  readonly strategy: MergeStrategy;
  readonly rounds?: number;
  readonly mergeModel: string;
  readonly promptTokens: number;
  readonly systemTokens: number;
  /** What stands around the question in a conversation; 0 when absent. */
  readonly contextTokens?: number;
  /** Tokens of the form that the text must have; absent for prose. */
  readonly formTokens?: number;
  readonly answers: readonly {
    readonly modelId: string;
    readonly stanceTokens: number;
    readonly expectedTokens: number;
    readonly maximumTokens: number;
  }[];
  /** Bound of each text that is written; 8,192 when absent. */
  readonly maxTokens?: number;
}

export interface TokenRange {
  readonly expected: number;
  readonly maximum: number;
}

/** One call that a merge makes or may make. A call that is made only when something goes wrong, or is close, is expected to take nothing. */
export interface PlannedCall {
  readonly purpose: 'merge' | 'debate';
  readonly modelId: string;
  readonly perspective: number | null;
  readonly input: TokenRange;
  readonly output: TokenRange;
}

/** What a judgement is expected to write for each answer, each claim and its conclusion. Rough; the bound of a quote does not rest on it. */
const JUDGED_ANSWER_TOKENS = 90;
const CLAIM_TOKENS = 60;
const CONCLUSION_TOKENS = 350;

/**
 * All calls that a merge can make, for a quote: their sum is a bound on what it takes, their expected part what it usually takes. The
 * prompts' own text is counted from the prompts themselves.
 */
export function plannedCalls(sketch: MergeSketch): PlannedCall[] {
  if (sketch.answers.length < 2) return [];
  const panel = emptyPanel(sketch);
  const prose = sketch.maxTokens ?? PROSE_OUTPUT_TOKENS;
  const answers = rangeOf(sketch);
  const judgement = (messages: readonly Message[], claimLists: number, conclusion: number): PlannedCall[] => {
    const expected =
      JUDGED_ANSWER_TOKENS * sketch.answers.length +
      CLAIM_TOKENS * (MAX_CLAIMS / 2) * claimLists +
      conclusion;
    const first = mergeCall(sketch, messages, answers, { expected, maximum: STRUCTURED_OUTPUT_TOKENS });
    const retry = mergeCall(
      sketch,
      retryMessages(messages, '#'.repeat(MAX_PROBLEM), true),
      answers,
      first.output,
    );
    return [first, onlyIfNeeded(retry)];
  };
  const written = (writing: WritingNotes | null): PlannedCall[] => {
    const notes = writing === null ? 0 : CLAIM_TOKENS * MAX_CLAIMS;
    const mean = answers.expected / sketch.answers.length;
    const form = sketch.formTokens ?? 0;
    const more = {
      expected: answers.expected + notes + form,
      maximum: answers.maximum + (writing === null ? 0 : STRUCTURED_OUTPUT_TOKENS) + form,
    };
    const output = { expected: Math.min(prose, Math.ceil(mean * 1.3)), maximum: prose };
    if (sketch.formTokens === undefined)
      return [mergeCall(sketch, synthesisMessages(NOTHING, panel, writing), more, output)];
    // What has not the form is asked for once more.
    const first = synthesisMessages(NOTHING, panel, writing, { kind: 'json_object' });
    const again = mergeCall(sketch, retryMessages(first, '#'.repeat(MAX_PROBLEM), true), more, output);
    return [mergeCall(sketch, first, more, output), onlyIfNeeded(again)];
  };
  const standIn = () => written(null).map(onlyIfNeeded);
  const noted = () => written({ keyPoints: [], disputes: [], ranking: panel.labels });
  // A conclusion comes with the judgement; one that must have a form is written after it.
  const concluded = () => (sketch.formTokens === undefined ? [] : noted());
  switch (sketch.strategy) {
    case 'consensus':
      return [
        ...judgement(consensusMessages(NOTHING, panel, null), 2, CONCLUSION_TOKENS),
        ...concluded(),
        ...standIn(),
      ];
    case 'best_of':
      return [...judgement(rankingMessages(NOTHING, panel), 1, 0), ...duels(sketch, panel)];
    case 'synthesize':
      return [...judgement(synthesisPlanMessages(NOTHING, panel), 2, 0), ...noted()];
    case 'debate':
      return [
        ...turns(sketch, panel, prose),
        ...judgement(consensusMessages(NOTHING, panel, MAX_ROUNDS), 2, CONCLUSION_TOKENS),
        ...concluded(),
        ...standIn(),
      ];
  }
}

const NOTHING = { prompt: '', system: ' ' } as const;

function emptyPanel({ answers }: MergeSketch): Panel {
  const empty: MergeAnswer[] = answers.map(({ modelId, stanceTokens }, index) => ({
    index,
    modelId,
    stance: stanceTokens > 0 ? '.' : null,
    content: '',
  }));
  return seatPanel(empty, '', '', ANSWERS_BUDGET_TOKENS);
}

function rangeOf({ answers }: MergeSketch): TokenRange {
  const total = (one: (answer: MergeSketch['answers'][number]) => number) =>
    answers.reduce((sum, answer) => sum + one(answer), 0);
  return {
    expected: Math.min(
      ANSWERS_BUDGET_TOKENS,
      total((answer) => answer.expectedTokens),
    ),
    maximum: Math.min(
      ANSWERS_BUDGET_TOKENS,
      total((answer) => answer.maximumTokens),
    ),
  };
}

function textTokens(messages: readonly Message[]): number {
  let tokens = 0;
  for (const message of messages)
    for (const part of message.parts) if (part.type === 'text') tokens += estimateTokens(part.text);
  return tokens;
}

/** Tokens of everything in a prompt but the answers. */
function surroundings(sketch: MergeSketch, messages: readonly Message[]): number {
  const stances = sketch.answers.reduce(
    (sum, answer) => sum + Math.min(SYSTEM_BUDGET_TOKENS, answer.stanceTokens),
    0,
  );
  return (
    textTokens(messages) +
    Math.min(QUESTION_BUDGET_TOKENS, sketch.promptTokens) +
    (sketch.contextTokens ?? 0) +
    Math.min(SYSTEM_BUDGET_TOKENS, sketch.systemTokens) +
    stances
  );
}

function mergeCall(
  sketch: MergeSketch,
  messages: readonly Message[],
  answers: TokenRange,
  output: TokenRange,
): PlannedCall {
  const around = surroundings(sketch, messages);
  return {
    purpose: 'merge',
    modelId: sketch.mergeModel,
    perspective: null,
    input: { expected: around + answers.expected, maximum: around + answers.maximum },
    output: { expected: Math.min(output.expected, output.maximum), maximum: output.maximum },
  };
}

function onlyIfNeeded(call: PlannedCall): PlannedCall {
  return {
    ...call,
    input: { expected: 0, maximum: call.input.maximum },
    output: { expected: 0, maximum: call.output.maximum },
  };
}

/** Both orders of the two best, each asked again at most once. Made only when they are close. */
function duels(sketch: MergeSketch, panel: Panel): PlannedCall[] {
  const [first, second] = panel.members;
  if (first === undefined || second === undefined) return [];
  const longest = [...sketch.answers].map((answer) => answer.maximumTokens).sort((a, b) => b - a);
  const answers = {
    expected: 0,
    maximum: Math.min(ANSWERS_BUDGET_TOKENS, (longest[0] ?? 0) + (longest[1] ?? 0)),
  };
  const messages = duelMessages(NOTHING, first, second);
  const output = { expected: 0, maximum: STRUCTURED_OUTPUT_TOKENS };
  const once = onlyIfNeeded(mergeCall(sketch, messages, answers, output));
  const again = onlyIfNeeded(
    mergeCall(sketch, retryMessages(messages, '#'.repeat(MAX_PROBLEM), true), answers, output),
  );
  return [once, again, once, again];
}

/** The turns of a debate. From the second round on the positions are what was written in the one before. */
function turns(sketch: MergeSketch, panel: Panel, most: number): PlannedCall[] {
  const rounds = Math.min(MAX_ROUNDS, Math.max(1, Math.trunc(sketch.rounds ?? DEFAULT_ROUNDS)));
  const calls: PlannedCall[] = [];
  for (let round = 1; round <= rounds; round++) {
    const positions = rangeOf({
      ...sketch,
      answers: sketch.answers.map((answer) => ({
        ...answer,
        expectedTokens: Math.min(answer.expectedTokens, most),
        // A model that fails keeps the longer text it had before.
        maximumTokens: round === 1 ? answer.maximumTokens : Math.max(answer.maximumTokens, most),
      })),
    });
    for (const member of panel.members) {
      const answer = sketch.answers[member.answer.index];
      if (answer === undefined) continue;
      const around = surroundings(sketch, debateMessages(NOTHING, panel, member, round, rounds));
      calls.push({
        purpose: 'debate',
        modelId: answer.modelId,
        perspective: member.answer.index,
        input: { expected: around + positions.expected, maximum: around + positions.maximum },
        output: { expected: Math.min(most, answer.expectedTokens), maximum: most },
      });
    }
  }
  return calls.sort((a, b) => (a.perspective ?? 0) - (b.perspective ?? 0));
}
