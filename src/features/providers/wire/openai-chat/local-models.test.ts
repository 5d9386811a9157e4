import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../../../test/local-models/server.ts';
import { readSse } from '../../../../platform/sse.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import type { ConversationEvent, ConversationRequest, Message } from '../../conversation.ts';
import { openAiChatCodec as codec, decodeEmbeddingResponse, encodeEmbeddingRequest } from './index.ts';

/** The codec against a server that was written from the same reference pages, and not from the codec. */
let models: LocalModels;
beforeAll(async () => {
  models = await createLocalModels({ tokenDelayMs: 0 });
});
afterAll(() => models.close());

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${models.url}/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer local' },
    body: JSON.stringify(body),
  });

async function send(request: Partial<ConversationRequest>): Promise<Response> {
  const { path, body, dropped } = codec.encodeRequest({
    model: 'local/swift',
    messages: [user('Hi')],
    stream: false,
    ...request,
  });
  expect(dropped).toEqual([]);
  return post(path, body);
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

const weather: Partial<ConversationRequest> = {
  messages: [user('What is the weather in Rome, and what time is it there?')],
  tools: ['get_weather', 'get_time'].map((name) => ({
    name,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  })),
  toolChoice: 'required',
};

describe('the OpenAI chat codec and the local models', () => {
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

  it('call tools in parallel and take their results', async () => {
    const whole = await ask(weather);
    expect(whole.choices[0]?.finishReason).toBe('tool_calls');
    expect(whole.choices[0]?.parts).toMatchObject([
      { type: 'tool_call', name: 'get_weather', arguments: '{"city":"Rome"}' },
      { type: 'tool_call', name: 'get_time', arguments: '{"city":"Rome"}' },
    ]);
    const { events } = await stream(weather);
    expect(events.filter(({ type }) => type === 'tool_call_start')).toHaveLength(2);
    expect(events.at(-2)).toEqual({ type: 'finish', choice: 0, reason: 'tool_calls' });
    const calls = whole.choices[0]?.parts.filter((part) => part.type === 'tool_call') ?? [];
    const after = await ask({
      ...weather,
      toolChoice: 'auto',
      messages: [
        ...(weather.messages ?? []),
        { role: 'assistant', parts: calls },
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
    const thinking = await ask({ reasoning: { effort: 'high' } });
    expect(thinking.choices[0]?.parts.map(({ type }) => type)).toEqual(['reasoning', 'text']);
    expect(thinking.usage.reasoningTokens).toBeGreaterThan(0);
    const { events } = await stream({ model: 'local/refuses' });
    expect(events.at(-2)).toEqual({ type: 'finish', choice: 0, reason: 'refusal' });
    expect((await ask({ maxTokens: 3 })).choices[0]?.finishReason).toBe('length');
  });

  it('take images and files, and several answers', async () => {
    const parts: Message['parts'] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0xLjQ=' } },
    ];
    const response = await ask({ messages: [{ role: 'user', parts }], choices: 2 });
    expect(response.choices.map(({ index }) => index)).toEqual([0, 1]);
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
    [{ messages: [user('Hi [[status:500]]')] }, 'server_error'],
  ])('know each other’s errors: %j', async (request, kind) => {
    const response = await send(request);
    expect(codec.decodeError(response.status, await response.text()).kind).toBe(kind);
  });

  it('embed texts', async () => {
    const { path, body } = encodeEmbeddingRequest({
      model: 'local/embed',
      input: { kind: 'texts', texts: ['a cat', 'a dog'] },
    });
    const response = decodeEmbeddingResponse(await (await post(path, body)).json(), 2);
    expect(response.vectors).toHaveLength(2);
    expect(response.inputTokens).toBeGreaterThan(0);
  });
});
