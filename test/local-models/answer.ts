/** From a request to its answers: refusal, tool calls, JSON or prose, cut by stop sequences and token limits. */
import type { Answer, AnswerPart, Ask, Finish, Reply, Usage } from './ask.ts';
import { plannedCalls } from './calls.ts';
import { hexDigest, idFrom } from './digest.ts';
import type { DirectedCall, Directives } from './directives.ts';
import type { LocalModel } from './models.ts';
import { type Brief, readBrief } from './prose/brief.ts';
import { compose, reasoning, selfDescription } from './prose/compose.ts';
import { schemaFromExample } from './schema/example.ts';
import { fillSchema } from './schema/fill.ts';
import { inputTokens, pieces, textTokens } from './tokens.ts';

const REFUSAL =
  'I can’t help with that request. This refusal comes from a local stand-in that refuses everything, not from a trained model.';

/** The text that stands for a long line until its bytes are counted; see stream.ts. */
export const PADDING_MARK = 'local-models-sse-line-padding';

const CALL_PREFIX = {
  'openai-chat': 'call_',
  'openai-responses': 'call_',
  'openai-embeddings': 'call_',
  anthropic: 'toolu_01',
  gemini: 'fc_',
} as const;

/** Pieces of an answer that is heavy because it was asked to be. */
const HEAVY_PIECES = 4_000;

/** A JSON object that answers a prompt when no schema says how. */
function plainObject(brief: Brief): unknown {
  return {
    answer: brief.shared.join(' '),
    points: [...brief.shared, brief.own],
    topic: brief.topic,
    note: selfDescription(brief.model),
  };
}

function textOf(ask: Ask, brief: Brief): string {
  if (ask.output.kind === 'schema')
    return JSON.stringify(fillSchema(ask.output.schema, brief.evidence, brief.variant));
  if (ask.output.kind === 'object') return JSON.stringify(plainObject(brief));
  const shown = schemaFromExample(brief.instruction);
  return shown === undefined
    ? compose(brief)
    : JSON.stringify(fillSchema(shown, brief.evidence, brief.variant));
}

/** Cuts text parts at the first stop sequence; the sequence itself is left out, as providers do. */
function stopped(parts: AnswerPart[], stop: string[]): { parts: AnswerPart[]; sequence: string | null } {
  for (const [index, part] of parts.entries()) {
    if (part.kind !== 'text') continue;
    const text = part.pieces.join('');
    const found = stop
      .map((sequence) => ({ sequence, at: sequence === '' ? -1 : text.indexOf(sequence) }))
      .filter((each) => each.at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (found === undefined) continue;
    return {
      parts: [...parts.slice(0, index), { kind: 'text', pieces: pieces(text.slice(0, found.at)) }],
      sequence: found.sequence,
    };
  }
  return { parts, sequence: null };
}

/** Keeps the first `most` pieces over all parts. */
function limited(parts: AnswerPart[], most: number | null): { parts: AnswerPart[]; cut: boolean } {
  if (most === null) return { parts, cut: false };
  const kept: AnswerPart[] = [];
  let left = most;
  for (const part of parts) {
    if (left <= 0) return { parts: kept, cut: true };
    kept.push({ ...part, pieces: part.pieces.slice(0, left) });
    if (part.pieces.length > left) return { parts: kept, cut: true };
    left -= part.pieces.length;
  }
  return { parts: kept, cut: false };
}

/** The calls to make, with their arguments' JSON text: those that a directive words, once, or those that fit the question. */
function callsOf(ask: Ask, brief: Brief, directives: Directives): DirectedCall[] {
  if (directives.calls !== null && ask.toolChoice.kind !== 'none')
    return ask.tools.length > 0 && brief.results.length === 0 ? directives.calls : [];
  return plannedCalls(ask, brief).map(({ tool, turn }) => {
    const schema = { type: 'object', ...(typeof tool.schema === 'object' ? tool.schema : {}) };
    return { name: tool.name, text: JSON.stringify(fillSchema(schema, brief.evidence, turn)) };
  });
}

function partsOf(
  ask: Ask,
  brief: Brief,
  hash: string,
  directives: Directives,
): { parts: AnswerPart[]; finish: Finish } {
  const parts: AnswerPart[] = [];
  if (ask.reasoning !== 'none')
    parts.push({ kind: 'reasoning', pieces: pieces(reasoning(brief)), shown: ask.reasoning === 'shown' });
  if (directives.say !== null)
    return { parts: [...parts, { kind: 'text', pieces: pieces(directives.say) }], finish: 'stop' };
  if (directives.pieceLength !== null) {
    const piece = `${'x'.repeat(Math.max(1, directives.pieceLength - 1))} `;
    return { parts: [{ kind: 'text', pieces: Array(HEAVY_PIECES).fill(piece) as string[] }], finish: 'stop' };
  }
  if (directives.sseLineBytes !== null)
    return { parts: [{ kind: 'text', pieces: [PADDING_MARK] }], finish: 'stop' };
  const calls = callsOf(ask, brief, directives);
  if (calls.length === 0)
    return { parts: [...parts, { kind: 'text', pieces: pieces(textOf(ask, brief)) }], finish: 'stop' };
  // One voice speaks before it calls, as real models may, so that both shapes occur.
  if (brief.voice === 'sage' && ask.toolChoice.kind === 'auto') {
    parts.push({
      kind: 'text',
      pieces: pieces(`I will look this up with ${calls[0]?.name ?? 'a tool'} first.`),
    });
  }
  for (const [index, call] of calls.entries()) {
    const id =
      CALL_PREFIX[ask.format] +
      idFrom(
        hexDigest(hash, 'call', String(brief.variant), String(index)),
        ask.format === 'anthropic' ? 22 : 24,
      );
    parts.push({ kind: 'call', id, name: call.name, pieces: pieces(call.text) });
  }
  return { parts, finish: 'calls' };
}

function answerOf(
  ask: Ask,
  model: LocalModel,
  hash: string,
  directives: Directives,
  variant: number,
): Answer {
  if (model.fault === 'refuses' || directives.promptBlock)
    return { parts: [{ kind: 'refusal', pieces: pieces(REFUSAL) }], finish: 'refusal', stopSequence: null };
  const whole = partsOf(ask, readBrief(ask, model.voice, variant), hash, directives);
  const { parts, sequence } = stopped(whole.parts, ask.stop);
  const { parts: kept, cut } = limited(parts, ask.maxTokens);
  if (cut) return { parts: kept, finish: 'length', stopSequence: null };
  return { parts: kept, finish: sequence === null ? whole.finish : 'stop_sequence', stopSequence: sequence };
}

function usageOf(ask: Ask, answers: Answer[], directives: Directives): Usage {
  const input = inputTokens(ask);
  const parts = answers.flatMap((answer) => answer.parts);
  const cachedRead = Math.min(directives.cachedTokens, input);
  return {
    input,
    cachedRead,
    cacheWrite: Math.min(ask.cacheMarkedTokens, input - cachedRead),
    output: parts.reduce((sum, part) => sum + part.pieces.length, 0),
    reasoning: parts.reduce((sum, part) => sum + (part.kind === 'reasoning' ? part.pieces.length : 0), 0),
  };
}

/** The reply to a request. `hash` (hex, of the request's bytes) gives the ids; the rest depends on what was asked. */
export function replyTo(ask: Ask, model: LocalModel, hash: string, directives: Directives): Reply {
  const answers = Array.from({ length: ask.choices }, (_unused, variant) =>
    answerOf(ask, model, hash, directives, variant),
  );
  return {
    ask,
    hash,
    answers,
    usage: usageOf(ask, answers, directives),
    promptBlocked: directives.promptBlock && ask.format === 'gemini',
  };
}

/** Input tokens of a text that stands alone (embeddings). */
export function embeddingTokens(texts: string[]): number {
  return texts.reduce((sum, text) => sum + textTokens(text), 0);
}
