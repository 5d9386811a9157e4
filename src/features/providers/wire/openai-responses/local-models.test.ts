import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../../../test/local-models/server.ts';
import { readSse } from '../../../../platform/sse.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import type { ConversationEvent, ConversationRequest, Message } from '../../conversation.ts';
import { openAiResponsesCodec as codec } from './index.ts';

/** The codec against a server that was written from the same reference pages, and not from the codec. */
let models: LocalModels;
beforeAll(async () => {
  models = await createLocalModels({ tokenDelayMs: 0 });
});
afterAll(() => models.close());

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });

async function send(request: Partial<ConversationRequest>): Promise<Response> {
  const { path, body, dropped } = codec.encodeRequest({
    model: 'local/swift',
    messages: [user('Hi')],
    stream: false,
    ...request,
  });
  expect(dropped).toEqual([]);
  return fetch(`${models.url}/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer local' },
    body: JSON.stringify(body),
  });
}

async function ask(request: Partial<ConversationRequest>) {
  const response = await send(request);
  expect(response.status).toBe(200);
  return codec.decodeResponse(await response.json());
}

async function stream(
  request: Partial<ConversationRequest>,
): Promise<{ events: ConversationEvent[]; failure: unknown }> {
  const response = await send({ ...request, stream: true });
  const decoder = codec.streamDecoder();
  const events: ConversationEvent[] = [];
  let failure: unknown;
  if (response.body === null) throw new Error('the answer has no body');
  try {
    for await (const event of readSse(response.body)) events.push(...decoder.event(event));
  } catch (error) {
    failure = error;
  }
  return { events: [...events, ...decoder.end()], failure };
}

const textOf = (events: readonly ConversationEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

const tools: Partial<ConversationRequest> = {
  messages: [user('What is the weather in Rome, and what time is it there?')],
  tools: ['get_weather', 'get_time'].map((name) => ({
    name,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  })),
  toolChoice: 'required',
};

describe('the OpenAI responses codec and the local models', () => {
  it('understand each other, streamed and not', async () => {
    const whole = await ask({ messages: [user('What is the CAP theorem?')] });
    const streamed = await stream({ messages: [user('What is the CAP theorem?')] });
    const part = whole.choices[0]?.parts[0];
    expect(part).toMatchObject({ type: 'text', text: expect.stringContaining('CAP') });
    expect(textOf(streamed.events)).toBe(part?.type === 'text' ? part.text : undefined);
    expect(streamed.events).toContainEqual({ type: 'usage', usage: whole.usage });
    expect(streamed.events.slice(-2)).toEqual([
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'end' },
    ]);
    expect(streamed.failure).toBeUndefined();
  });

  it('call tools in parallel, and take the thoughts and results back', async () => {
    const whole = await ask({ ...tools, reasoning: { effort: 'high', include: true } });
    expect(whole.choices[0]?.finishReason).toBe('tool_calls');
    const parts = whole.choices[0]?.parts ?? [];
    const calls = parts.filter((part) => part.type === 'tool_call');
    expect(calls.map(({ arguments: args }) => args)).toEqual(['{"city":"Rome"}', '{"city":"Rome"}']);
    expect(parts[0]).toMatchObject({
      type: 'reasoning',
      id: expect.any(String),
      encrypted: expect.any(String),
    });
    const { events } = await stream(tools);
    expect(events.filter(({ type }) => type === 'tool_call_start')).toHaveLength(2);
    const after = await ask({
      ...tools,
      toolChoice: 'auto',
      messages: [
        ...(tools.messages ?? []),
        { role: 'assistant', parts },
        {
          role: 'tool',
          parts: calls.map(({ id, name }) => ({
            type: 'tool_result',
            callId: id,
            name,
            content: [{ type: 'text', text: 'Sunny, noon.' }],
          })),
        },
      ],
    });
    expect(after.choices[0]?.finishReason).toBe('stop');
  });

  it('think, refuse and stop at a bound', async () => {
    const { events } = await stream({ reasoning: { effort: 'high', include: true } });
    const thoughts = events.filter((event) => event.type === 'reasoning');
    expect(thoughts.map(({ text }) => text).join('')).not.toBe('');
    expect(thoughts.some(({ encrypted }) => encrypted !== undefined)).toBe(true);
    const refused = await stream({ model: 'local/refuses' });
    expect(refused.events.at(-2)).toEqual({ type: 'finish', choice: 0, reason: 'refusal' });
    const bound = await ask({ messages: [user('Tell me all of the CAP theorem.')], maxTokens: 16 });
    expect(bound.choices[0]?.finishReason).toBe('length');
  });

  it('tell a cut, a malformed and a broken-off answer apart', async () => {
    const cut = await stream({ model: 'local/cut' });
    expect(textOf(cut.events)).not.toBe('');
    expect(cut.events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
    expect((await stream({ model: 'local/malformed' })).failure).toBeInstanceOf(MalformedUpstreamError);
    const broken = await stream({ messages: [user('Hi [[error-after:2]]')] });
    expect(broken.events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'overloaded' } });
    expect((await stream({ messages: [user('Hi [[wrong-format]]')] })).failure).toBeInstanceOf(
      MalformedUpstreamError,
    );
  });

  it.each([
    [{ model: 'local/overloaded' }, 'overloaded'],
    [{ model: 'local/nobody' }, 'not_found'],
    [{ messages: [user('Hi [[status:429]]')] }, 'rate_limited'],
  ])('know each other’s errors: %j', async (request, kind) => {
    const response = await send(request);
    expect(codec.decodeError(response.status, await response.text()).kind).toBe(kind);
  });
});
