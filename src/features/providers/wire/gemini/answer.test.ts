import { describe, expect, it } from 'vitest';
import { createSseParser } from '../../../../platform/sse.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import type { ConversationEvent } from '../../conversation.ts';
import { ReportedUpstreamError } from '../fields.ts';
import { geminiCodec as codec } from './index.ts';

const OPTIONS = { model: 'google/gemini-3-pro', includeUsage: false };

function read(chunks: readonly unknown[]): ConversationEvent[] {
  const decoder = codec.streamDecoder();
  const text = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join('');
  const events = createSseParser()
    .push(new TextEncoder().encode(text))
    .flatMap((event) => decoder.event(event));
  return [...events, ...decoder.end()];
}

function write(events: readonly ConversationEvent[]): unknown[] {
  const encoder = codec.streamEncoder(OPTIONS);
  const text = events.map((event) => encoder.event(event)).join('');
  return createSseParser()
    .push(new TextEncoder().encode(text))
    .map(({ event, data }) => {
      expect(event).toBe('message');
      return JSON.parse(data) as unknown;
    });
}

const head = { modelVersion: 'gemini-3-pro', responseId: 'r1' };

function chunk(parts: readonly object[], more: object = {}): object {
  return { candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], ...head };
}

describe('an answer of Gemini', () => {
  it('is read whole, thoughts and tool results counted where they belong', () => {
    const response = codec.decodeResponse({
      ...chunk(
        [
          { text: 'Hm.', thought: true },
          { text: 'Let me look.' },
          { functionCall: { name: 'look', args: { at: 'it' } }, thoughtSignature: 'c2ln' },
          { functionCall: { id: 'own', name: 'look' } },
          { inlineData: { mimeType: 'image/png', data: 'AA==' } },
          { executableCode: { language: 'PYTHON', code: '1' } },
        ],
        { finishReason: 'STOP' },
      ),
      createTime: '2026-11-21T05:00:00.250Z',
      usageMetadata: {
        promptTokenCount: 10,
        toolUsePromptTokenCount: 5,
        cachedContentTokenCount: 4,
        candidatesTokenCount: 6,
        thoughtsTokenCount: 3,
        totalTokenCount: 24,
        promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 2 }],
      },
    });
    expect(response).toEqual({
      id: 'r1',
      model: 'gemini-3-pro',
      created: Date.parse('2026-11-21T05:00:00.250Z'),
      choices: [
        {
          index: 0,
          finishReason: 'tool_calls',
          parts: [
            { type: 'reasoning', text: 'Hm.' },
            { type: 'text', text: 'Let me look.' },
            {
              type: 'tool_call',
              id: 'gcall_r1_0',
              name: 'look',
              arguments: '{"at":"it"}',
              signature: 'c2ln',
            },
            { type: 'tool_call', id: 'own', name: 'look', arguments: '{}' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } },
          ],
        },
      ],
      usage: {
        inputTokens: 15,
        cachedInputTokens: 4,
        cacheWriteTokens: 0,
        outputTokens: 9,
        reasoningTokens: 3,
        audioInputTokens: 2,
      },
    });
  });

  it.each([
    ['STOP', 'stop'],
    [undefined, 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'refusal'],
    ['RECITATION', 'refusal'],
    ['PROHIBITED_CONTENT', 'refusal'],
    ['CONTINUATION', 'pause'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['OTHER', 'error'],
    ['SOMETHING_NEW', 'error'],
  ])('that ends with %s ends with %s', (finishReason, expected) => {
    const body = chunk([], finishReason === undefined ? {} : { finishReason });
    expect(codec.decodeResponse(body).choices[0]?.finishReason).toBe(expected);
  });

  it('to a prompt that was blocked is a refusal', () => {
    const body = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 3 },
      ...head,
    };
    const text = 'The provider blocked the prompt (SAFETY).';
    expect(codec.decodeResponse(body).choices).toEqual([
      { index: 0, parts: [{ type: 'refusal', text }], finishReason: 'refusal' },
    ]);
    expect(read([body]).map(({ type }) => type)).toEqual(['start', 'refusal', 'finish', 'usage', 'end']);
  });

  it('keeps log-probabilities in OpenAI’s shape, both ways', () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'Hi', logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'Hi', logProbability: -0.5 },
            { token: 'Ho', logProbability: -2 },
          ],
        },
      ],
    };
    const response = codec.decodeResponse(chunk([{ text: 'Hi' }], { finishReason: 'STOP', logprobsResult }));
    expect(response.choices[0]?.logprobs).toEqual({
      content: [
        {
          token: 'Hi',
          logprob: -0.5,
          bytes: null,
          top_logprobs: [
            { token: 'Hi', logprob: -0.5, bytes: null },
            { token: 'Ho', logprob: -2, bytes: null },
          ],
        },
      ],
    });
    expect(codec.encodeResponse(response, OPTIONS)).toMatchObject({ candidates: [{ logprobsResult }] });
  });

  it('that is an error keeps the provider’s words, and nothing at all is malformed', () => {
    const error = { error: { code: 503, status: 'UNAVAILABLE', message: 'Overloaded' } };
    expect(() => codec.decodeResponse(error)).toThrow(ReportedUpstreamError);
    expect(() => codec.decodeResponse({ ...head, candidates: [] })).toThrow(MalformedUpstreamError);
  });
});

describe('a stream of Gemini', () => {
  it('is read with thoughts, signed text and calls that come whole', () => {
    const usageMetadata = { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 };
    const events = read([
      { ...chunk([{ text: 'H', thought: true }]), usageMetadata: { promptTokenCount: 4 } },
      chunk([{ text: 'm.', thought: true }]),
      chunk([{ text: 'Hi' }]),
      chunk([{ functionCall: { name: 'look', args: { n: 1 } }, thoughtSignature: 'c2ln' }]),
      { ...chunk([{ text: '', thoughtSignature: 'ZW5k' }], { finishReason: 'STOP' }), usageMetadata },
    ]);
    const usage = { inputTokens: 4, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
    expect(events).toEqual([
      { type: 'start', id: 'r1', model: 'gemini-3-pro', created: 0 },
      { type: 'reasoning', choice: 0, block: 0, text: 'H' },
      { type: 'usage', usage: { ...usage, outputTokens: 0 } },
      { type: 'reasoning', choice: 0, block: 0, text: 'm.' },
      { type: 'text', choice: 0, text: 'Hi' },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'gcall_r1_0', name: 'look', signature: 'c2ln' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"n":1}' },
      { type: 'reasoning', choice: 0, block: 1, text: '', signature: 'ZW5k' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      { type: 'usage', usage: { ...usage, outputTokens: 2 } },
      { type: 'end' },
    ]);
  });

  it('that stops before every candidate has finished is an error', () => {
    const second = { candidates: [{ content: { parts: [{ text: 'B' }] }, index: 1 }], ...head };
    for (const chunks of [
      [],
      [chunk([{ text: 'A' }])],
      [second, chunk([{ text: 'A' }], { finishReason: 'STOP' })],
    ]) {
      const events = read(chunks);
      expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
    }
  });

  it('that reports an error ends there, in an array or not', () => {
    const error = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } };
    const expected = {
      type: 'error',
      error: { kind: 'rate_limited', message: 'Slow down.', code: 'RESOURCE_EXHAUSTED' },
    };
    expect(read([chunk([{ text: 'A' }]), error, chunk([{ text: 'B' }])]).at(-1)).toEqual(expected);
    expect(read([[error]])).toEqual([expected]);
  });
});

describe('a stream for a client of Gemini’s format', () => {
  const start: ConversationEvent = { type: 'start', id: 'r1', model: 'm', created: 0 };
  const tail = { modelVersion: 'google/gemini-3-pro', responseId: 'r1' };

  it('gives calls whole and finish with usage last', () => {
    const chunks = write([
      start,
      { type: 'text', choice: 0, text: 'A' },
      { type: 'tool_call_start', choice: 0, call: 0, id: 'a', name: 'left', signature: 'c2ln' },
      { type: 'tool_call_start', choice: 0, call: 1, id: 'b', name: 'right' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '{"b":' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"a":1}' },
      { type: 'tool_call_arguments', choice: 0, call: 1, fragment: '1}' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      {
        type: 'usage',
        usage: {
          inputTokens: 5,
          cachedInputTokens: 1,
          cacheWriteTokens: 0,
          outputTokens: 9,
          reasoningTokens: 3,
        },
      },
      { type: 'end' },
    ]);
    expect(chunks).toEqual([
      { candidates: [{ content: { role: 'model', parts: [{ text: 'A' }] }, index: 0 }], ...tail },
      {
        candidates: [
          {
            content: {
              role: 'model',
              parts: [
                { functionCall: { id: 'a', name: 'left', args: { a: 1 } }, thoughtSignature: 'c2ln' },
                { functionCall: { id: 'b', name: 'right', args: { b: 1 } } },
              ],
            },
            index: 0,
          },
        ],
        ...tail,
      },
      {
        candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }],
        usageMetadata: {
          promptTokenCount: 5,
          candidatesTokenCount: 6,
          totalTokenCount: 14,
          cachedContentTokenCount: 1,
          thoughtsTokenCount: 3,
        },
        ...tail,
      },
    ]);
  });

  it('says that a call is broken rather than giving it without its arguments', () => {
    const chunks = write([
      start,
      { type: 'tool_call_start', choice: 0, call: 0, id: 'a', name: 'left' },
      { type: 'tool_call_arguments', choice: 0, call: 0, fragment: '{"a":' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      { type: 'end' },
    ]);
    expect(chunks).toMatchObject([{ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }]);
  });

  it('ends in an error object when the answer breaks, and not in a finish', () => {
    const chunks = write([
      start,
      { type: 'text', choice: 0, text: 'A' },
      { type: 'error', error: { kind: 'overloaded', message: 'Too busy.' } },
      { type: 'end' },
    ]);
    expect(chunks.at(-1)).toEqual({ error: { code: 503, message: 'Too busy.', status: 'UNAVAILABLE' } });
    expect(JSON.stringify(chunks)).not.toContain('finishReason');
  });
});
