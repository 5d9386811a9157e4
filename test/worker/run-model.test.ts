import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Run, runSchema } from '../../src/contracts/perspectives.ts';
import type { Message, OutputFormat } from '../../src/features/providers/index.ts';
import { type Client, newTenant } from './client.ts';
import { CLOCK, start, TRIO, turn, user, WEATHER } from './run-model-client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    localModelsUrl: string;
  }
}

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const runOf = async (id: string) => (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();

/** The latest bodies that a local model was sent, newest first, of those that have this text in them. */
async function sentTo(model: string, text: string): Promise<string[]> {
  const stats: { last: Record<string, { body: string }[]> } = await (
    await fetch(new URL('/_stats', inject('localModelsUrl')))
  ).json();
  return (stats.last[model] ?? []).map(({ body }) => body).filter((body) => body.includes(text));
}

const STRATEGIES = ['consensus', 'best_of', 'synthesize', 'debate'] as const;
const QUESTION = 'Should a small team use microservices?';

describe('a run as a model', () => {
  it.each(STRATEGIES)('answers by %s with the merged text, and is a run like any other', async (strategy) => {
    const asked = await turn(client, { strategy }, { messages: [user(QUESTION)] });
    const run = await runOf(asked.runId);
    expect(runSchema.parse(run)).toEqual(run);
    expect(asked.end).toBe('stop');
    expect(run).toMatchObject({
      status: 'completed',
      prompt: QUESTION,
      merge: { strategy, fallback: null },
      decision: { action: 'answer' },
    });
    expect(asked.text).toBe(run.merge?.content);
    const list = await (await client.fetch('/v1/perspectives?limit=100')).json<{ data: { id: string }[] }>();
    expect(list.data.map(({ id }) => id)).toContain(asked.runId);
  });

  it('is recorded as one that the gateway asked', async () => {
    const { runId } = await turn(client, { models: ['local/swift'] }, { messages: [user(QUESTION)] });
    await expect
      .poll(() => env.DB.prepare('SELECT origin FROM runs WHERE id = ?').bind(runId).first('origin'))
      .toBe('gateway');
  });

  it('begins with its run’s id, streams while the merge writes, and ends with all that was paid', async () => {
    const { events, runId, receipt } = await turn(client, {}, { messages: [user(QUESTION)] });
    expect(events[0]).toMatchObject({ type: 'start', id: runId, model: 'parallax/consensus' });
    expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(3);
    const run = await runOf(runId);
    expect(events.at(-2)).toEqual({
      type: 'usage',
      usage: {
        inputTokens: run.usage.input_tokens,
        cachedInputTokens: expect.any(Number),
        cacheWriteTokens: expect.any(Number),
        outputTokens: run.usage.output_tokens,
        reasoningTokens: 0,
      },
    });
    expect(receipt.costNano).toBe(run.receipt.total_nano_usd);
    expect(receipt.lines).toHaveLength(run.receipt.lines.length);
    expect(receipt).toMatchObject({ priced: true });
    expect([...receipt.models].sort()).toEqual([...TRIO].sort());
  });

  it('gives the same text to a client that takes it whole', async () => {
    const messages = [user(QUESTION)];
    const streamed = await turn(client, { strategy: 'synthesize' }, { messages });
    const whole = await turn(client, { strategy: 'synthesize' }, { messages }, { stream: false });
    expect(whole.text.length).toBeGreaterThan(20);
    expect(whole.text).toBe((await runOf(whole.runId)).merge?.content);
    expect(whole.events.length).toBeLessThan(streamed.events.length);
  });

  it('asks the default trio when no model is named', async () => {
    const { runId } = await turn(client, { models: null }, { messages: [user('Tea?')] });
    expect((await runOf(runId)).perspectives.map(({ model }) => model).sort()).toEqual([...TRIO].sort());
  });

  it('passes on the best answer word for word', async () => {
    const { text, runId } = await turn(client, { strategy: 'best_of' }, { messages: [user(QUESTION)] });
    const { perspectives, decision } = await runOf(runId);
    expect(perspectives[decision?.perspective ?? -1]?.content).toBe(text);
  });

  it('ends the merged text at a stop sequence, which it leaves out', async () => {
    const request = { messages: [user(QUESTION)] };
    const free = await turn(client, { strategy: 'synthesize' }, request);
    const said = (await runOf(free.runId)).perspectives.map(({ content }) => content);
    // A phrase that only the merging model writes: the others do not stop at it.
    const words = free.text.split(' ');
    const stop = words
      .map((word, at) => `${word} ${words[at + 1] ?? ''}`)
      .slice(3)
      .find((phrase) => said.every((content) => !content.includes(phrase)));
    const stopped = await turn(client, { strategy: 'synthesize' }, { ...request, stop: [stop ?? ''] });
    expect(stopped.end).toBe('stop_sequence');
    expect(stopped.events).toContainEqual(expect.objectContaining({ type: 'finish', stopSequence: stop }));
    expect(stopped.text).not.toContain(stop);
    expect(stopped.text.length).toBeGreaterThan(0);
    expect((await runOf(stopped.runId)).merge?.content).toContain(`${stopped.text}${stop}`);
  });
});

describe('a conversation', () => {
  const MARK = 'The ferry leaves at noon.';
  const history: Message[] = [
    { role: 'system', parts: [{ type: 'text', text: 'Answer for a harbour master.' }] },
    user('When does the ferry leave?'),
    { role: 'assistant', parts: [{ type: 'text', text: MARK }] },
    user('And should we wait for it?'),
  ];

  it('reaches every model as it stands', async () => {
    await turn(client, {}, { messages: history, temperature: 0.4, maxTokens: 700 });
    for (const model of ['swift', 'sage', 'scribe']) {
      const [body = ''] = (await sentTo(model, MARK)).filter((one) => !one.includes('<data label'));
      expect(body).toContain('When does the ferry leave?');
      expect(body).toContain('Answer for a harbour master.');
      expect(body).toContain('And should we wait for it?');
      expect(body).toContain('0.4');
      expect(body).toContain('700');
    }
  });

  it('is outlined to the judge as data around the question', async () => {
    await turn(client, { mergeModel: 'local/scribe' }, { messages: history });
    const [body = ''] = await sentTo('scribe', 'earlier conversation');
    expect(body).toContain(`assistant: ${MARK}`);
    expect(body).toMatch(/<data label=\\"question\\">\\nAnd should we wait for it\?/);
  });

  it('has what is a model’s own in a panel laid behind the client’s system text', async () => {
    const models = [
      'local/swift',
      { model: 'local/sage', system: 'Be a pilot.', stance: 'Argue for leaving at once.' },
    ];
    await turn(client, { models }, { messages: history });
    const [body = ''] = await sentTo('sage', 'Be a pilot.');
    expect(body.indexOf('Answer for a harbour master.')).toBeLessThan(body.indexOf('Be a pilot.'));
    expect(body).toContain('Argue for leaving at once.');
    expect((await sentTo('swift', MARK))[0]).not.toContain('Be a pilot.');
  });

  it('loses the state of other models’ thoughts and keeps what they said', async () => {
    const thought = {
      type: 'reasoning',
      text: 'It is late.',
      id: 'rs_1',
      signature: 'c2VjcmV0',
      encrypted: 'gAAAA',
    };
    const messages = [
      user('When does the ferry leave?'),
      { role: 'assistant', parts: [thought, { type: 'text', text: 'At one o’clock sharp.' }] },
      { role: 'assistant', parts: [{ ...thought, text: '' }] },
      user('And should we wait for it?'),
    ] as Message[];
    const { end } = await turn(client, {}, { messages });
    expect(end).toBe('stop');
    for (const model of ['swift', 'sage', 'scribe']) {
      const [body = ''] = await sentTo(model, 'At one o’clock sharp.');
      expect(body).not.toContain('c2VjcmV0');
      expect(body).not.toContain('gAAAA');
    }
  });

  it.each([
    [{ choices: 2 }, 'n'],
    [{ logprobs: 0 }, 'logprobs'],
    [
      { extra: { previous_response_id: 'resp_1' }, extraFormat: 'openai-responses' as const },
      'previous_response_id',
    ],
    [{ extra: { background: true }, extraFormat: 'openai-responses' as const }, 'background'],
  ])('that asks for what a run cannot do is refused before anything is spent: %j', async (more, param) => {
    await expect(start(client, {}, { messages: [user('Hi')], ...more })).rejects.toMatchObject({
      code: 'unsupported_parameter',
      param,
    });
  });

  it('without a message, or with a panel that cannot be asked, is refused', async () => {
    const messages = [user('Hi')];
    await expect(start(client, {}, { messages: [] })).rejects.toMatchObject({ param: 'messages' });
    await expect(start(client, { models: [] }, { messages })).rejects.toMatchObject({ param: 'models' });
    await expect(start(client, { models: ['local/nobody'] }, { messages })).rejects.toMatchObject({
      code: 'model_not_found',
    });
    await expect(start(client, { models: ['openai/gpt-4o'] }, { messages })).rejects.toMatchObject({
      code: 'no_provider_key',
    });
    await expect(start(client, { quorum: 4 }, { messages })).rejects.toMatchObject({ param: 'quorum' });
  });
});

describe('tools', () => {
  const told = (model: string, directive: string) => ({ model, system: directive });
  const asksWeather = { messages: [user('What is the weather in Paris?')], tools: [WEATHER, CLOCK] };

  it('are called in one turn and answered from in the next', async () => {
    const first = await turn(client, {}, asksWeather);
    expect(first.end).toBe('tool_calls');
    expect(first.calls).toMatchObject([{ name: 'get_weather' }]);
    expect(JSON.parse(first.calls[0]?.arguments ?? '')).toHaveProperty('city');
    const run = await runOf(first.runId);
    expect(run).toMatchObject({ merge: null, decision: { action: 'tool_calls' }, status: 'completed' });
    // Unchanged, as one of the models made them, and nothing was merged.
    const { id, name, arguments: written } = first.calls[0] ?? {};
    expect(run.perspectives[run.decision?.perspective ?? -1]?.tool_calls).toEqual([
      { id, name, arguments: written },
    ]);
    expect(first.receipt.lines.map(({ purpose }) => purpose)).toEqual([
      'perspective',
      'perspective',
      'perspective',
    ]);
    expect(first.receipt.models).toEqual([run.perspectives[run.decision?.perspective ?? -1]?.model]);

    const second = await turn(
      client,
      {},
      {
        ...asksWeather,
        messages: [
          ...asksWeather.messages,
          {
            role: 'assistant',
            parts: [
              ...(first.text === '' ? [] : [{ type: 'text' as const, text: first.text }]),
              ...first.calls.map((call) => ({ type: 'tool_call' as const, ...call })),
            ],
          },
          {
            role: 'tool',
            parts: [
              {
                type: 'tool_result',
                callId: id ?? '',
                name: 'get_weather',
                content: [{ type: 'text', text: 'Eighteen degrees and a light wind from the west.' }],
              },
            ],
          },
        ],
      },
    );
    expect(second.end).toBe('stop');
    const answered = await runOf(second.runId);
    expect(answered).toMatchObject({
      prompt: 'What is the weather in Paris?',
      merge: { strategy: 'consensus' },
    });
    for (const { content } of answered.perspectives) expect(content).toContain('Eighteen degrees');
    expect((await sentTo('sage', 'conversation since the question'))[0]).toContain(
      'get_weather returned: Eighteen degrees',
    );
  });

  it('are passed on with what the model said before it called them', async () => {
    const { text, calls } = await turn(client, { models: ['local/sage'] }, asksWeather);
    expect(text).toBe('I will look this up with get_weather first.');
    expect(calls).toHaveLength(1);
  });

  it('may be called several at once', async () => {
    const { calls } = await turn(
      client,
      {},
      {
        messages: [user('What is the weather in Paris and in Oslo?')],
        tools: [WEATHER],
      },
    );
    expect(calls).toHaveLength(2);
  });

  it('are called as most of the models that act would call them', async () => {
    const { calls, runId, receipt } = await turn(
      client,
      {
        models: [
          told('local/swift', '[[call:get_time {"city":"Paris"}]]'),
          told('local/sage', '[[call:get_weather {"city":"Paris","days":1}]]'),
          told('local/scribe', '[[call:get_weather { "days": 1, "city": "Paris" }]]'),
        ],
      },
      asksWeather,
    );
    expect(calls).toMatchObject([{ name: 'get_weather', arguments: '{"city":"Paris","days":1}' }]);
    expect((await runOf(runId)).decision).toMatchObject({ action: 'tool_calls', perspective: 1 });
    expect(receipt.models).toEqual(['local/sage']);
  });

  it('are not called when more models answer; what acts takes no part in the merge', async () => {
    const { end, text, runId } = await turn(
      client,
      {
        strategy: 'synthesize',
        models: [told('local/swift', '[[no-calls]]'), 'local/sage', told('local/scribe', '[[no-calls]]')],
      },
      asksWeather,
    );
    expect(end).toBe('stop');
    const run = await runOf(runId);
    expect(run.merge?.contributions.map(({ perspective }) => perspective)).toEqual([0, 2]);
    expect(run.decision?.reason).toBe('1 of 3 call tools.');
    expect(text).toBe(run.merge?.content);
  });

  it('are never called with tool choice none, and always with required', async () => {
    const none = await turn(client, {}, { ...asksWeather, toolChoice: 'none' });
    expect(none).toMatchObject({ end: 'stop', calls: [] });
    const required = await turn(
      client,
      {},
      {
        messages: [user('Tell me something.')],
        tools: [CLOCK],
        toolChoice: 'required',
      },
    );
    expect(required).toMatchObject({ end: 'tool_calls', calls: [{ name: 'get_time' }] });
    const named = await turn(client, {}, { ...asksWeather, toolChoice: { name: 'get_time' } });
    expect(named.calls).toMatchObject([{ name: 'get_time' }]);
  });

  it('are left to the judge when models want different things and the best is asked for', async () => {
    const models = [
      told('local/swift', '[[no-calls]]'),
      told('local/sage', '[[call:get_weather {"city":"Paris"}]]'),
      told('local/scribe', '[[no-calls]]'),
    ];
    const asked = await turn(client, { strategy: 'best_of', models }, asksWeather);
    const run = await runOf(asked.runId);
    const chosen = run.perspectives[run.decision?.perspective ?? -1];
    expect(run.decision?.reason).toBe(`The turn of ${chosen?.model} was judged best.`);
    expect(asked.receipt.lines.some(({ purpose }) => purpose === 'merge')).toBe(true);
    expect(asked.end).toBe(chosen?.tool_calls === undefined ? 'stop' : 'tool_calls');
    expect(asked.text).toBe(chosen?.content);
    const [judged = ''] = await sentTo('sage', 'Asks for these tools to be called');
    expect(judged).toContain('tools that the authors could call');
  });

  it('that all call alike need no judge', async () => {
    const call = '[[call:get_weather {"city":"Paris"}]]';
    const { receipt, calls } = await turn(
      client,
      { strategy: 'best_of', models: TRIO.map((model) => told(model, call)) },
      asksWeather,
    );
    expect(calls).toHaveLength(1);
    expect(receipt.lines.every(({ purpose }) => purpose === 'perspective')).toBe(true);
  });

  it('keep the signature that a model’s provider wants back, and give it to no other', async () => {
    const messages = [user(`What is the weather in Lima? ${crypto.randomUUID()}`)];
    const reasoning = { include: true, budgetTokens: 512 };
    const request = { messages, tools: [WEATHER], reasoning };
    const first = await turn(client, { models: ['local/scribe'] }, request);
    const signature = first.calls[0]?.signature ?? '';
    expect(signature.length).toBeGreaterThan(20);
    const run = await runOf(first.runId);
    expect(run.perspectives[0]?.tool_calls?.[0]).toEqual({
      id: first.calls[0]?.id,
      name: 'get_weather',
      arguments: first.calls[0]?.arguments,
    });
    await turn(
      client,
      {},
      {
        ...request,
        messages: [
          ...messages,
          { role: 'assistant', parts: first.calls.map((call) => ({ type: 'tool_call', ...call })) },
          {
            role: 'tool',
            parts: [
              {
                type: 'tool_result',
                callId: first.calls[0]?.id ?? '',
                name: 'get_weather',
                content: [{ type: 'text', text: 'Fog over the bay.' }],
              },
            ],
          },
        ],
      },
    );
    const asked = async (model: string) => (await sentTo(model, 'Fog over the bay.')).at(-1);
    expect(await asked('scribe')).toContain(signature);
    for (const model of ['swift', 'sage']) {
      expect(await asked(model)).toContain('get_weather');
      expect(await asked(model)).not.toContain(signature);
    }
  });

  it('whose calls were cut at the token bound are not passed on', async () => {
    const call = '[[call:get_weather {"city":"Paris on a long and rainy day in the middle of March"}]]';
    const { end, events, runId, receipt } = await turn(
      client,
      { models: [told('local/swift', call), told('local/scribe', call)] },
      { ...asksWeather, maxTokens: 3 },
    );
    expect(end).toBe('error invalid_request');
    expect(events).toHaveLength(1);
    const run = await runOf(runId);
    expect(run.perspectives.map(({ error }) => error?.code)).toEqual(['tool_calls_cut', 'tool_calls_cut']);
    expect(run.perspectives.every((perspective) => perspective.tool_calls === undefined)).toBe(true);
    expect(receipt.lines).toMatchObject([{ estimated: false }, { estimated: false }]);
  });

  it('cannot be merged afterwards when no model answered', async () => {
    const { runId } = await turn(client, {}, asksWeather);
    const merged = await client.fetch(`/v1/perspectives/${runId}/merge`, { body: { strategy: 'consensus' } });
    expect(merged.status).toBe(409);
  });
});

describe('an answer in a form', () => {
  const output: OutputFormat = {
    kind: 'json_schema',
    name: 'verdict',
    strict: true,
    schema: {
      type: 'object',
      properties: {
        verdict: { type: 'string', enum: ['yes', 'no'] },
        reasons: { type: 'array', items: { type: 'string' } },
      },
      required: ['verdict', 'reasons'],
      additionalProperties: false,
    },
  };

  it.each(STRATEGIES)('is JSON of that form by %s, and whole when it comes', async (strategy) => {
    const asked = await turn(client, { strategy }, { messages: [user(QUESTION)], output });
    const value = JSON.parse(asked.text);
    expect(Object.keys(value).sort()).toEqual(['reasons', 'verdict']);
    expect(['yes', 'no']).toContain(value.verdict);
    const run = await runOf(asked.runId);
    expect(run.merge).toMatchObject({ strategy, fallback: null, content: asked.text });
    for (const { content } of run.perspectives) expect(() => JSON.parse(content)).not.toThrow();
  });

  it('is one of what models want, besides tools, when the best is asked for', async () => {
    const models = ['local/swift', 'local/sage', 'local/scribe'].map((model, at) => ({
      model,
      system: at === 1 ? '[[call:get_weather {"city":"Paris"}]]' : '[[no-calls]]',
    }));
    const asked = await turn(
      client,
      { strategy: 'best_of', models },
      { messages: [user(QUESTION)], tools: [WEATHER], output },
    );
    const { decision, perspectives } = await runOf(asked.runId);
    const chosen = perspectives[decision?.perspective ?? -1];
    expect(decision?.reason).toContain('was judged best');
    expect(asked.end).toBe(chosen?.tool_calls === undefined ? 'stop' : 'tool_calls');
    if (chosen?.tool_calls === undefined) expect(JSON.parse(asked.text)).toHaveProperty('verdict');
    // The judge had all three to choose from: calls have no form, and need none.
    const [judged = ''] = await sentTo('sage', 'Asks for these tools to be called');
    expect(judged.match(/<data label=\\"answer /g)).toHaveLength(3);
  });

  it('is that of one model when the merging model has no such form to offer', async () => {
    const asked = await turn(
      client,
      { strategy: 'synthesize', mergeModel: 'local/malformed' },
      { messages: [user(QUESTION)], output },
    );
    const run = await runOf(asked.runId);
    expect(run.merge?.fallback).toMatchObject({ from: 'synthesize' });
    expect(run.perspectives.map(({ content }) => content)).toContain(asked.text);
    expect(JSON.parse(asked.text)).toHaveProperty('verdict');
  });
});
