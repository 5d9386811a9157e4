import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../../test/local-models/server.ts';
import { readSse } from '../../../platform/sse.ts';
import { MalformedUpstreamError, type WireCodec } from '../codec.ts';
import type {
  ConversationEvent,
  ConversationRequest,
  ConversationResponse,
  Message,
  ToolCallPart,
  ToolResultPart,
} from '../conversation.ts';
import { type Answer, answerOfEvents, answerOfResponse } from './answer-comparison.ts';

/** Where a format is served on the local models, and how a client shows itself there. */
export interface LocalEndpoint {
  /** The path before a request's own, e.g. `/v1`. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
}

function question(text: string): Pick<ConversationRequest, 'messages'> {
  return { messages: [{ role: 'user', parts: [{ type: 'text', text }] }] };
}

/** A codec talks to servers of its format that were written without it: the same conversations, streamed and not. */
export function talkToLocalModels(codec: WireCodec, endpoint: LocalEndpoint): void {
  let models: LocalModels;
  beforeAll(async () => {
    models = await createLocalModels({ port: 0, tokenDelayMs: 0 });
  });
  afterAll(async () => {
    await models.close();
  });

  const send = (more: Partial<ConversationRequest>): Promise<Response> => {
    const request = { model: 'sage', ...question('What is a queue?'), stream: false, ...more };
    const { path, body } = codec.encodeRequest(request);
    return fetch(`${models.url}${endpoint.base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...endpoint.headers },
      body: JSON.stringify(body),
    });
  };

  const ask = async (more: Partial<ConversationRequest>): Promise<ConversationResponse> => {
    const response = await send(more);
    expect(response.status).toBe(200);
    return codec.decodeResponse(await response.json());
  };

  /** All events of a streamed answer; a connection that breaks is the end of the bytes. */
  const streamed = async (more: Partial<ConversationRequest>): Promise<ConversationEvent[]> => {
    const response = await send({ ...more, stream: true });
    expect(response.status).toBe(200);
    const decoder = codec.streamDecoder();
    const events: ConversationEvent[] = [];
    try {
      if (response.body !== null)
        for await (const event of readSse(response.body)) events.push(...decoder.event(event));
    } catch (error) {
      // `fetch` reports the cut connection as a TypeError.
      if (!(error instanceof TypeError)) throw error;
    }
    return [...events, ...decoder.end()];
  };

  const tools: ConversationRequest['tools'] = [
    {
      name: 'get_weather',
      description: 'The weather in a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
    {
      name: 'get_time',
      description: 'The time in a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ];

  describe.each([
    [
      'whole',
      async (more: Partial<ConversationRequest>): Promise<Answer> => answerOfResponse(await ask(more)),
    ],
    [
      'streamed',
      async (more: Partial<ConversationRequest>): Promise<Answer> => answerOfEvents(await streamed(more)),
    ],
  ])('%s', (_way, answer) => {
    it('answers in prose and counts its tokens', async () => {
      const { choices, usage, last } = await answer({});
      expect(choices[0]).toMatchObject({ finishReason: 'stop', parts: [{ type: 'text' }] });
      expect(usage?.inputTokens).toBeGreaterThan(0);
      expect(usage?.outputTokens).toBeGreaterThan(0);
      expect(last).toBe('end');
    });

    it('calls tools at once and goes on from their results', async () => {
      const asked = question('What are the weather and the time in Bonn?');
      const { choices } = await answer({ ...asked, tools, toolChoice: 'required' });
      const calls = (choices[0]?.parts ?? []).filter(
        (part): part is ToolCallPart => part.type === 'tool_call',
      );
      expect(calls.length).toBeGreaterThan(0);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
      for (const call of calls) expect(JSON.parse(call.arguments)).toBeTypeOf('object');
      expect(choices[0]?.finishReason).toBe('tool_calls');
      const results = calls.map(
        ({ id, name }): ToolResultPart => ({
          type: 'tool_result',
          callId: id,
          name,
          content: [{ type: 'text', text: `${name} says 21` }],
        }),
      );
      const messages: Message[] = [
        ...asked.messages,
        { role: 'assistant', parts: calls },
        { role: 'tool', parts: results },
      ];
      const after = await answer({ messages, tools });
      expect(after.choices[0]).toMatchObject({ finishReason: 'stop' });
      expect(JSON.stringify(after.choices[0]?.parts)).toContain('21');
    });

    it('thinks before it speaks when asked to, and counts that too', async () => {
      const { choices, usage } = await answer({ reasoning: { budgetTokens: 2_000, include: true } });
      expect(choices[0]?.parts.map(({ type }) => type)).toEqual(['reasoning', 'text']);
      expect(usage?.reasoningTokens).toBeGreaterThan(0);
    });

    it('ends at the bound of its tokens', async () => {
      expect((await answer({ maxTokens: 5 })).choices[0]?.finishReason).toBe('length');
    });

    it('refuses as a refusal', async () => {
      expect((await answer({ model: 'refuses' })).choices[0]?.finishReason).toBe('refusal');
    });

    it('answers in the shape that was asked for', async () => {
      const schema = {
        type: 'object',
        properties: { title: { type: 'string' }, size: { type: 'integer' } },
        required: ['title', 'size'],
        additionalProperties: false,
      };
      const { choices } = await answer({ output: { kind: 'json_schema', name: 'book', schema } });
      const part = choices[0]?.parts.find(({ type }) => type === 'text');
      const text = part?.type === 'text' ? part.text : '';
      expect(JSON.parse(text)).toMatchObject({ title: expect.any(String), size: expect.any(Number) });
    });

    it('tells input that came from a cache', async () => {
      const { usage } = await answer(question('[[cached:3]] What is a queue?'));
      expect(usage?.cachedInputTokens).toBe(3);
    });
  });

  it('reads an answer that breaks off as an error, not as an end', async () => {
    const cut = await streamed({ model: 'cut' });
    expect(cut.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
    const failed = await streamed(question('[[error-after:2]] What is a queue?'));
    expect(failed.at(-1)?.type).toBe('error');
    expect([...cut, ...failed]).not.toContainEqual({ type: 'end' });
  });

  it('calls what is not its format malformed', async () => {
    await expect(streamed({ model: 'malformed' })).rejects.toThrow(MalformedUpstreamError);
    await expect(ask(question('[[wrong-format]]'))).rejects.toThrow(MalformedUpstreamError);
    await expect(streamed(question('[[wrong-format]]'))).rejects.toThrow(MalformedUpstreamError);
  });

  it.each([
    [400, 'invalid_request'],
    [401, 'authentication'],
    [403, 'permission'],
    [413, 'too_large'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [503, 'overloaded'],
  ])('reads status %i as %s', async (status, kind) => {
    const response = await send(question(`[[status:${status}]]`));
    const info = codec.decodeError(response.status, await response.text());
    expect(info).toMatchObject({ kind, status: response.status });
    expect(info.message).not.toBe('');
  });

  it('reads an overloaded model and an unknown one', async () => {
    for (const [model, kind] of [
      ['overloaded', 'overloaded'],
      ['nobody', 'not_found'],
    ] as const) {
      const response = await send({ model });
      expect(codec.decodeError(response.status, await response.text()).kind).toBe(kind);
    }
  });
}
