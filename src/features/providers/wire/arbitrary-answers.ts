import fc from 'fast-check';
import type {
  AssistantPart,
  ConversationEvent,
  ConversationResponse,
  FinishReason,
  JsonObject,
  TokenUsage,
} from '../conversation.ts';
import {
  jsonObject,
  optional,
  present,
  real,
  reasoningPart,
  record,
  text,
  word,
} from './arbitrary-values.ts';

/** Arbitrary answers in neutral form, whole and streamed, for the property tests of the codecs. */

export const usage: fc.Arbitrary<TokenUsage> = fc
  .record({
    fresh: fc.nat(10_000),
    cachedInputTokens: fc.nat(1_000),
    cacheWriteTokens: fc.nat(1_000),
    spoken: fc.nat(10_000),
    reasoningTokens: fc.nat(1_000),
  })
  .map(({ fresh, spoken, ...rest }) => ({
    inputTokens: fresh + rest.cachedInputTokens + rest.cacheWriteTokens,
    outputTokens: spoken + rest.reasoningTokens,
    ...rest,
  }));

/** Log-probabilities in OpenAI's shape; without the bytes, which not every format gives. */
const logprobs: fc.Arbitrary<JsonObject> = fc
  .array(fc.record({ token: text, logprob: real(-9, 0), other: real(-9, 0) }), { minLength: 1, maxLength: 2 })
  .map((tokens) => ({
    content: tokens.map(({ token, logprob, other }) => ({
      token,
      logprob,
      bytes: null,
      top_logprobs: [{ token, logprob: other, bytes: null }],
    })),
  }));

interface Answer {
  readonly parts: readonly AssistantPart[];
  readonly finishReason: FinishReason;
  readonly stopSequence: string | undefined;
  readonly logprobs: JsonObject | undefined;
}

/** What one choice holds, with a reason that fits it: calls end in `tool_calls`, a refusal in `refusal`. */
const answer: fc.Arbitrary<Answer> = fc
  .record({
    thoughts: fc.array(reasoningPart, { maxLength: 1 }),
    said: fc.array(record<AssistantPart>({ type: fc.constant('text'), text }), { maxLength: 1 }),
    refusal: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, text),
    calls: fc.array(fc.record({ name: word, args: jsonObject }), { maxLength: 3 }),
    reason: fc.constantFrom<FinishReason>('stop', 'length', 'stop_sequence', 'pause', 'error'),
    stopSequence: word,
    logprobs: optional(logprobs),
  })
  .map(({ thoughts, said, refusal, calls, reason, stopSequence, logprobs: probabilities }) => {
    const called = calls.map(
      ({ name, args }, index): AssistantPart => ({
        type: 'tool_call',
        id: `call_${index}`,
        name,
        arguments: JSON.stringify(args),
      }),
    );
    if (refusal !== undefined)
      return {
        parts: [...thoughts, { type: 'refusal', text: refusal }],
        finishReason: 'refusal' as const,
        stopSequence: undefined,
        logprobs: undefined,
      };
    const finishReason = called.length > 0 ? 'tool_calls' : reason;
    return {
      parts: [...thoughts, ...said, ...called],
      finishReason,
      stopSequence: finishReason === 'stop_sequence' ? stopSequence : undefined,
      // They are of the text's tokens.
      logprobs: said.length > 0 ? probabilities : undefined,
    };
  });

const created = fc.integer({ min: 1, max: 4_000_000_000 }).map((seconds) => seconds * 1000);

/** An answer with one or two choices. */
export const response: fc.Arbitrary<ConversationResponse> = fc
  .record({
    id: word,
    created,
    answers: fc.array(answer, { minLength: 1, maxLength: 2 }),
    usage,
    serviceTier: optional(fc.constantFrom('default', 'priority')),
  })
  .map(({ answers, ...rest }) =>
    present({
      ...rest,
      model: 'test-model',
      choices: answers.map((choice, index) => present({ index, ...choice })),
    }),
  );

/** A text in one to three pieces, none of them cutting a surrogate pair. */
const pieces = (value: string): string[] => {
  const characters = [...value];
  const third = Math.max(1, Math.ceil(characters.length / 3));
  const cut: string[] = [];
  for (let at = 0; at < characters.length; at += third) cut.push(characters.slice(at, at + third).join(''));
  return cut;
};

/** The events of one whole stream, each text in several pieces. */
export const stream: fc.Arbitrary<ConversationEvent[]> = fc
  .record({ id: word, created, answer, usage })
  .map(({ id, created: at, answer: choice, usage: tokens }) => {
    const events: ConversationEvent[] = [{ type: 'start', id, model: 'test-model', created: at }];
    let block = 0;
    let call = 0;
    for (const part of choice.parts) {
      if (part.type === 'text' || part.type === 'refusal') {
        for (const piece of pieces(part.text)) events.push({ type: part.type, choice: 0, text: piece });
        if (choice.logprobs !== undefined)
          events.push({ type: 'logprobs', choice: 0, logprobs: choice.logprobs });
      } else if (part.type === 'reasoning') {
        const { type, text: thought, ...state } = part;
        for (const piece of pieces(thought)) events.push({ type, choice: 0, block, text: piece });
        if (Object.keys(state).length > 0) events.push({ type, choice: 0, block, text: '', ...state });
        block += 1;
      } else if (part.type === 'tool_call') {
        events.push({ type: 'tool_call_start', choice: 0, call, id: part.id, name: part.name });
        for (const fragment of pieces(part.arguments))
          events.push({ type: 'tool_call_arguments', choice: 0, call, fragment });
        call += 1;
      }
    }
    const stopped = choice.stopSequence === undefined ? {} : { stopSequence: choice.stopSequence };
    events.push({ type: 'finish', choice: 0, reason: choice.finishReason, ...stopped });
    events.push({ type: 'usage', usage: tokens }, { type: 'end' });
    return events;
  });

/** Cuts bytes at arbitrary places. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort(
    (left, right) => left - right,
  );
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const place of [...places, bytes.length]) {
    parts.push(bytes.subarray(from, place));
    from = place;
  }
  return parts;
}
