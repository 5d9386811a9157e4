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
  JsonObject,
} from '../../conversation.ts';
import * as arbitraries from '../arbitraries.ts';
import { joinedEvents, lostBetween } from '../comparison.ts';
import { createOpenAiChatCodec, openAiChatCodec } from './index.ts';

/** Everything that any server of this format takes. */
const roomy = createOpenAiChatCodec({
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  reasoningField: 'reasoning_details',
  reasoningParameter: 'reasoning',
  topK: true,
  cacheMarks: 'cache_control',
  toolCallSignature: true,
});

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the OpenAI chat codec', () => {
  it.each([
    ['a plain server', openAiChatCodec],
    ['a server that takes everything', roomy],
  ])('gives back every request to %s, save what it names as dropped', (_name, codec) => {
    fc.assert(
      fc.property(arbitraries.request, (arbitrary) => {
        const request = withoutResultMarks(arbitrary);
        const { body, dropped } = codec.encodeRequest(request);
        const { request: back, dropped: unread } = codec.decodeRequest(throughJson(body));
        expect(unread).toEqual([]);
        expect(lostBetween(request, dropped, back, 'openai-chat')).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('gives back every answer', () => {
    fc.assert(
      fc.property(arbitraries.response, (response) => {
        const body = openAiChatCodec.encodeResponse(response, { model: response.model, includeUsage: true });
        expect(openAiChatCodec.decodeResponse(throughJson(body))).toEqual(sayable(response));
      }),
      { numRuns: 300 },
    );
  });

  it('gives back every stream, however its bytes are cut', () => {
    fc.assert(
      fc.property(arbitraries.stream, fc.array(fc.nat(), { maxLength: 12 }), (events, cuts) => {
        const encoder = openAiChatCodec.streamEncoder({ model: 'test-model', includeUsage: true });
        const bytes = new TextEncoder().encode(events.map((event) => encoder.event(event)).join(''));
        expect(inOrder(decoded(bytes, cuts))).toEqual(inOrder(events.flatMap(sayableEvent)));
      }),
      { numRuns: 300 },
    );
  });

  it('answers any JSON with a request or with an error that may be shown', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        try {
          openAiChatCodec.decodeRequest(body);
        } catch (error) {
          expect(error).toBeInstanceOf(ParallaxError);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('takes any upstream JSON as an answer or as malformed, and any error text as an error', () => {
    fc.assert(
      fc.property(anyBody, fc.string(), (body, text) => {
        expectAnswerOrMalformed(() => openAiChatCodec.decodeResponse(body));
        const decoder = openAiChatCodec.streamDecoder();
        expectAnswerOrMalformed(() =>
          decoder.event({ event: 'message', data: JSON.stringify(body) ?? 'null' }),
        );
        expectAnswerOrMalformed(() => decoder.event({ event: 'message', data: text }));
        expect(openAiChatCodec.decodeError(500, text).message).not.toBe('');
        expect(openAiChatCodec.decodeError(400, JSON.stringify(body) ?? '').message).not.toBe('');
      }),
      { numRuns: 250 },
    );
  });
});

/** JSON of any shape, and often one that is nearly right. */
const anyBody: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      model: fc.oneof(fc.constant('m'), fc.jsonValue()),
      messages: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'constructor'),
              content: fc.oneof(
                fc.jsonValue(),
                fc.array(
                  fc.dictionary(
                    fc.constantFrom('type', 'text', 'image_url', 'file', 'input_audio'),
                    fc.jsonValue(),
                  ),
                ),
              ),
              tool_calls: fc.oneof(
                fc.jsonValue(),
                fc.array(fc.dictionary(fc.constantFrom('id', 'type', 'function'), fc.jsonValue())),
              ),
              tool_call_id: fc.jsonValue(),
              reasoning_details: fc.array(
                fc.dictionary(fc.constantFrom('type', 'text', 'index'), fc.jsonValue()),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
      tools: fc.jsonValue(),
      tool_choice: fc.jsonValue(),
      response_format: fc.jsonValue(),
      stop: fc.jsonValue(),
      reasoning: fc.jsonValue(),
      choices: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              index: fc.jsonValue(),
              message: fc.dictionary(
                fc.constantFrom('content', 'tool_calls', 'refusal', 'audio'),
                fc.jsonValue(),
              ),
              delta: fc.dictionary(
                fc.constantFrom('content', 'tool_calls', 'reasoning_content'),
                fc.jsonValue(),
              ),
              finish_reason: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
      usage: fc.jsonValue(),
      error: fc.jsonValue(),
      id: fc.jsonValue(),
      created: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
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
  const decoder = openAiChatCodec.streamDecoder();
  const events: ConversationEvent[] = [];
  for (const part of arbitraries.cutAt(bytes, cuts))
    for (const event of parser.push(part)) events.push(...decoder.event(event));
  return [...events, ...decoder.end()];
}

/** A breakpoint behind a tool result is written behind its last text, which means the same. */
function withoutResultMarks(request: ConversationRequest): ConversationRequest {
  return {
    ...request,
    messages: request.messages.map((message) =>
      message.role === 'tool'
        ? { ...message, parts: message.parts.map(({ cache: _cache, ...part }) => part) }
        : message,
    ),
  };
}

/** The format has no word for `pause`, and does not say which stop sequence it was. */
function sayable(response: ConversationResponse): ConversationResponse {
  return { ...response, choices: response.choices.map(sayableChoice) };
}

function sayableChoice({ stopSequence: _sequence, ...choice }: Choice): Choice {
  const said =
    choice.finishReason === 'stop_sequence' || choice.finishReason === 'pause' ? 'stop' : choice.finishReason;
  return {
    ...choice,
    finishReason: said,
    ...(choice.logprobs === undefined ? {} : { logprobs: bothLists(choice.logprobs) }),
  };
}

function bothLists(logprobs: JsonObject): JsonObject {
  return { refusal: null, ...logprobs };
}

function sayableEvent(event: ConversationEvent): ConversationEvent[] {
  if (event.type === 'logprobs') return [{ ...event, logprobs: bothLists(event.logprobs) }];
  if (event.type !== 'finish') return [event];
  // An answer that was broken off ends with an error here.
  if (event.reason === 'error') return [{ type: 'error', error: { kind: 'server_error', message: '' } }];
  const { stopSequence: _sequence, ...finish } = event;
  return [
    {
      ...finish,
      reason: event.reason === 'stop_sequence' || event.reason === 'pause' ? 'stop' : event.reason,
    },
  ];
}

/** Deltas joined; usage may stand anywhere, and nothing follows an error. */
function inOrder(events: readonly ConversationEvent[]): unknown {
  const failed = events.some(({ type }) => type === 'error');
  const joined = joinedEvents(events).filter(
    ({ type }) => type !== 'usage' && type !== 'end' && type !== 'error',
  );
  return { joined, failed, usage: failed ? undefined : events.findLast(({ type }) => type === 'usage') };
}
