import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../../platform/errors.ts';
import { createSseParser } from '../../../../platform/sse.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import type {
  Choice,
  ConversationEvent,
  ConversationRequest,
  ConversationResponse,
  FinishReason,
  Tool,
} from '../../conversation.ts';
import * as arbitraries from '../arbitraries.ts';
import { joinedEvents, lostBetween } from '../comparison.ts';
import { openAiResponsesCodec as codec, createOpenAiResponsesCodec } from './index.ts';

const roomy = createOpenAiResponsesCodec({
  systemRole: 'developer',
  cacheMarks: 'prompt_cache_breakpoint',
  toolCallSignature: true,
});

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the OpenAI responses codec', () => {
  it.each([
    ['as it came from another format', codec, {}],
    ['as it came in this one', codec, { extraFormat: 'openai-responses' as const }],
    ['to a server that takes everything', roomy, { extraFormat: 'openai-responses' as const }],
  ])('gives back every request %s, save what it names as dropped', (_name, requestCodec, from) => {
    fc.assert(
      fc.property(arbitraries.request, (arbitrary) => {
        const request = { ...withPlainSpellings(arbitrary, 'extraFormat' in from), ...from };
        const { body, dropped } = requestCodec.encodeRequest(request);
        const { request: back, dropped: unread } = requestCodec.decodeRequest(throughJson(body));
        expect(unread).toEqual([]);
        expect(lostBetween(request, dropped, back, 'openai-responses')).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('gives back every answer', () => {
    fc.assert(
      fc.property(arbitraries.response.filter(isWhole), (response) => {
        const body = codec.encodeResponse(response, { model: response.model, includeUsage: true });
        const back = codec.decodeResponse(throughJson(body));
        expect(back).toEqual({ ...response, choices: response.choices.slice(0, 1).map(sayableChoice) });
      }),
      { numRuns: 300 },
    );
  });

  it('gives back every stream, however its bytes are cut', () => {
    fc.assert(
      fc.property(arbitraries.stream, fc.array(fc.nat(), { maxLength: 12 }), (events, cuts) => {
        const encoder = codec.streamEncoder({ model: 'test-model', includeUsage: true });
        const bytes = new TextEncoder().encode(events.map((event) => encoder.event(event)).join(''));
        expect(inOrder(decoded(bytes, cuts))).toEqual(inOrder(sayableEvents(events)));
      }),
      { numRuns: 300 },
    );
  });

  it('ends a stream with the response that the same answer has unstreamed', () => {
    fc.assert(
      fc.property(arbitraries.stream, (events) => {
        const encoder = codec.streamEncoder({ model: 'test-model', includeUsage: true });
        const sse = createSseParser().push(
          new TextEncoder().encode(events.map((event) => encoder.event(event)).join('')),
        );
        const last = JSON.parse(sse.at(-1)?.data ?? '') as {
          response: { output: unknown[]; status: string };
        };
        const items = sse
          .map(({ data }) => JSON.parse(data) as { type: string; output_index: number; item: unknown })
          .filter(({ type }) => type === 'response.output_item.done')
          .sort((left, right) => left.output_index - right.output_index);
        expect(last.response.output).toEqual(items.map(({ item }) => item));
        expect(last.response.status).toMatch(/^(?:completed|incomplete|failed)$/);
      }),
      { numRuns: 100 },
    );
  });

  it('answers any JSON with a request or with an error that may be shown', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        try {
          codec.decodeRequest(body);
        } catch (error) {
          expect(error).toBeInstanceOf(ParallaxError);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('takes any upstream JSON as an answer or as malformed', () => {
    fc.assert(
      fc.property(anyBody, anyEvent, fc.string(), (body, event, text) => {
        expectAnswerOrMalformed(() => codec.decodeResponse(body));
        const decoder = codec.streamDecoder();
        expectAnswerOrMalformed(() => decoder.event({ event: 'message', data: JSON.stringify(event) }));
        expectAnswerOrMalformed(() =>
          decoder.event({ event: 'response.completed', data: JSON.stringify(body) ?? '' }),
        );
        expectAnswerOrMalformed(() => decoder.event({ event: 'message', data: text }));
      }),
      { numRuns: 250 },
    );
  });
});

const nearlyItem = fc.record(
  {
    type: fc.constantFrom(
      'message',
      'reasoning',
      'function_call',
      'function_call_output',
      'web_search_call',
      null,
      7,
    ),
    role: fc.constantFrom('user', 'assistant', 'system', 'toString'),
    content: fc.oneof(
      fc.jsonValue(),
      fc.array(fc.dictionary(fc.constantFrom('type', 'text', 'image_url', 'file_id'), fc.jsonValue())),
    ),
    call_id: fc.oneof(fc.constant('c'), fc.jsonValue()),
    name: fc.oneof(fc.constant('n'), fc.jsonValue()),
    arguments: fc.jsonValue(),
    output: fc.jsonValue(),
    summary: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
    encrypted_content: fc.oneof(
      fc.jsonValue(),
      fc.string().map((text) => `plx:${text}`),
    ),
    id: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

const anyBody: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      model: fc.oneof(fc.constant('m'), fc.jsonValue()),
      input: fc.oneof(fc.jsonValue(), fc.array(nearlyItem)),
      output: fc.oneof(fc.jsonValue(), fc.array(nearlyItem)),
      tools: fc.jsonValue(),
      tool_choice: fc.jsonValue(),
      text: fc.jsonValue(),
      reasoning: fc.jsonValue(),
      include: fc.jsonValue(),
      status: fc.constantFrom('completed', 'incomplete', 'failed', 'queued'),
      error: fc.jsonValue(),
      usage: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);

const anyEvent: fc.Arbitrary<unknown> = fc.record(
  {
    type: fc.constantFrom(
      'response.created',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_text.delta',
      'response.function_call_arguments.delta',
      'response.completed',
      'response.failed',
      'error',
      'ping',
    ),
    response: fc.oneof(anyBody, fc.jsonValue()),
    item: fc.oneof(nearlyItem, fc.jsonValue()),
    output_index: fc.jsonValue(),
    delta: fc.jsonValue(),
  },
  { requiredKeys: ['type'] },
);

function expectAnswerOrMalformed(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedUpstreamError);
  }
}

function decoded(bytes: Uint8Array, cuts: readonly number[]): ConversationEvent[] {
  const parser = createSseParser();
  const decoder = codec.streamDecoder();
  const events: ConversationEvent[] = [];
  for (const part of arbitraries.cutAt(bytes, cuts))
    for (const event of parser.push(part)) events.push(...decoder.event(event));
  return [...events, ...decoder.end()];
}

/** What the format says in another way: `auto` detail is its default, and functions are strict unless they say otherwise. */
function withPlainSpellings(request: ConversationRequest, leavesStrictOpen: boolean): ConversationRequest {
  const strict = (tool: Tool): Tool => (leavesStrictOpen ? tool : { ...tool, strict: tool.strict ?? false });
  const text = JSON.stringify({ ...request, tools: request.tools?.map(strict) });
  return JSON.parse(text.replaceAll(',"detail":"auto"', '')) as ConversationRequest;
}

/** A failed response is an error when it is read, not an answer. */
function isWhole(response: ConversationResponse): boolean {
  return response.choices[0]?.finishReason !== 'error';
}

const SAID: Partial<Record<FinishReason, FinishReason>> = { stop_sequence: 'stop', pause: 'stop' };

function sayableChoice({ stopSequence: _sequence, logprobs, ...choice }: Choice): Choice {
  const hasText = choice.parts.some(({ type }) => type === 'text');
  return {
    ...choice,
    finishReason: SAID[choice.finishReason] ?? choice.finishReason,
    ...(hasText && logprobs !== undefined ? { logprobs } : {}),
  };
}

function sayableEvents(events: readonly ConversationEvent[]): ConversationEvent[] {
  const firstCall = events.findIndex(({ type }) => type === 'tool_call_start');
  return events.flatMap((event, at): ConversationEvent[] => {
    // Only texts have log-probabilities, not the arguments of calls.
    if (event.type === 'logprobs') return firstCall >= 0 && at > firstCall ? [] : [event];
    if (event.type !== 'finish') return [event];
    if (event.reason === 'error') return [{ type: 'error', error: { kind: 'server_error', message: '' } }];
    const { stopSequence: _sequence, ...finish } = event;
    return [{ ...finish, reason: SAID[event.reason] ?? event.reason }];
  });
}

/** Deltas joined; usage may stand anywhere, and nothing follows an error. */
function inOrder(events: readonly ConversationEvent[]): unknown {
  const failed = events.some(({ type }) => type === 'error');
  const joined = joinedEvents(events).filter(
    ({ type }) => type !== 'usage' && type !== 'end' && type !== 'error',
  );
  return { joined, failed, usage: failed ? undefined : events.findLast(({ type }) => type === 'usage') };
}
