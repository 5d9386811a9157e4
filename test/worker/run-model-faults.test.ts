import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { RunStorage } from '../../durable-objects/perspective-run/storage.ts';
import type { Run } from '../../src/contracts/perspectives.ts';
import { type AskEvent, driveRun } from '../../src/features/perspectives/index.ts';
import type { ConversationEvent, Message } from '../../src/features/providers/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { type Client, newTenant } from './client.ts';
import { joined, principalOf, runs, start, TRIO, turn, user, WEATHER } from './run-model-client.ts';

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
const stubOf = (id: string) => env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(id));
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Stops the object as a crash does: its memory and its open calls are gone, its storage stays. */
async function crash(id: string): Promise<void> {
  await runInDurableObject(stubOf(id), (_instance, state) => {
    state.abort('crashed by a test');
  }).catch((error: unknown) => {
    if (!String(error).includes('crashed by a test')) throw error;
  });
}

interface Statistics {
  aborted: { model: string }[];
  requests: Record<string, Record<string, number>>;
  last: Record<string, { body: string }[]>;
}

async function statistics(): Promise<Statistics> {
  return (await fetch(new URL('/_stats', inject('localModelsUrl')))).json();
}

const abortedAt = async (model: string) =>
  (await statistics()).aborted.filter((one) => one.model === model).length;

/** Resolves when a run's model has said something. */
async function hasSaid(id: string, index: number): Promise<void> {
  await expect
    .poll(() =>
      runInDurableObject(
        stubOf(id),
        (_instance, state) =>
          state.storage.sql
            .exec<{ n: number }>(
              "SELECT COUNT(*) AS n FROM events WHERE type = 'perspective.delta' AND position = ?",
              index,
            )
            .one().n,
      ),
    )
    .toBeGreaterThan(0);
}

describe('a client that leaves', () => {
  it('stops its run and every call of it, and what was said until then is on the receipt', async () => {
    const before = await abortedAt('slow');
    const gone = new AbortController();
    const answer = await start(
      client,
      { models: ['local/slow', 'local/silent', 'local/slow'] },
      { messages: [user('Describe a river, in 400 words')], maxTokens: 2000 },
      { signal: gone.signal },
    );
    const events = Array.fromAsync(answer.events);
    await hasSaid(answer.runId, 0);
    gone.abort();
    expect(joined(await events).end).toBe('error connection');
    await expect.poll(async () => (await abortedAt('slow')) - before, { timeout: 2000 }).toBe(2);
    const run = await runOf(answer.runId);
    expect(run.status).toBe('failed');
    expect(run.perspectives.every(({ error }) => error?.code === 'cancelled')).toBe(true);
    expect(answer.receipt().lines.length).toBeGreaterThan(0);
    expect(answer.receipt().costNano).toBe(run.receipt.total_nano_usd);
  });

  it('stops the merge too', async () => {
    const before = await abortedAt('silent');
    const gone = new AbortController();
    const answer = await start(
      client,
      { mergeModel: 'local/silent' },
      { messages: [user('Sea or mountains?')] },
      { signal: gone.signal },
    );
    const { events } = answer;
    expect((await events.next()).value).toMatchObject({ type: 'start' });
    const rest = Array.fromAsync(events);
    await expect
      .poll(async () =>
        (await statistics()).last.silent?.some(({ body }) => body.includes('Sea or mountains?')),
      )
      .toBe(true);
    gone.abort();
    expect((await rest).at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
    await expect.poll(async () => (await abortedAt('silent')) - before, { timeout: 2000 }).toBe(1);
    expect(answer.receipt().lines).toHaveLength(3);
    expect(await runOf(answer.runId)).toMatchObject({ status: 'completed', merge: null });
  });

  it('in the middle of the events is the same as one whose signal aborts', async () => {
    const answer = await start(
      client,
      { models: ['local/swift', 'local/silent'] },
      { messages: [user('Stay or go?')] },
    );
    for await (const event of answer.events) if (event.type === 'start') break;
    expect((await runOf(answer.runId)).status).toBe('partial');
    expect(answer.receipt().lines).toHaveLength(1);
  });

  it('with an idempotency key finds its run again, and nothing is asked twice', async () => {
    const mark = crypto.randomUUID();
    const request = { messages: [user(`Who was here? ${mark}`)] };
    const idempotencyKey = crypto.randomUUID();
    const gone = new AbortController();
    const spec = { models: ['local/swift', 'local/sage'] };
    const first = await start(client, spec, request, { signal: gone.signal, idempotencyKey });
    gone.abort();
    await Array.fromAsync(first.events);
    const again = await turn(client, spec, request, { idempotencyKey });
    expect(again.runId).toBe(first.runId);
    expect(again.end).toBe('stop');
    expect(again.text).toBe((await runOf(first.runId)).merge?.content);
    const asked = (await statistics()).last.swift?.filter(({ body }) => body.includes(mark));
    expect(asked).toHaveLength(1);
    const other = start(client, spec, { messages: [user('Another question')] }, { idempotencyKey });
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  });

  it('before the run was begun begins none', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(start(client, {}, { messages: [user('Hi')] }, { signal })).rejects.toThrow('gone');
  });
});

describe('a run whose object is evicted while a chat client waits', () => {
  it('answers that client from what is left, without a gap', async () => {
    const answer = await start(
      client,
      { models: ['local/swift', 'local/slow'] },
      { messages: [user('Describe a lake, in 300 words')], maxTokens: 2000 },
    );
    const events = Array.fromAsync(answer.events);
    await hasSaid(answer.runId, 1);
    await crash(answer.runId);
    const { end, text } = joined(await events);
    const run = await runOf(answer.runId);
    expect(end).toBe('stop');
    expect(run.perspectives.map(({ error }) => error?.code)).toEqual([undefined, 'interrupted']);
    expect(text).toBe(run.perspectives[0]?.content);
  });

  it('asks those again that had not begun, with the whole conversation', async () => {
    const gone = new AbortController();
    const mark = crypto.randomUUID();
    const answer = await start(
      client,
      { models: ['local/silent'] },
      {
        messages: [
          user('First.'),
          { role: 'assistant', parts: [{ type: 'text', text: mark }] },
          user('Then?'),
        ],
      },
      { signal: gone.signal },
    );
    const events = Array.fromAsync(answer.events);
    const asked = async () =>
      (await statistics()).last.silent?.filter(({ body }) => body.includes(mark)).length ?? 0;
    await expect.poll(asked).toBe(1);
    await crash(answer.runId);
    await expect.poll(asked).toBe(2);
    gone.abort();
    expect(joined(await events).end).toBe('error connection');
  });
});

describe('tool calls that an eviction interrupts', () => {
  /** Drives a run twice on one storage: a first drive whose machine stops, and a second that goes on from there. */
  async function interrupted(first: () => AsyncIterable<AskEvent>, carries = true) {
    const id = newId('run');
    return runInDurableObject(stubOf(id), async (_instance, state) => {
      const store = new RunStorage(state.storage, () => undefined);
      const header = {
        id,
        tenantId: 'ten_1',
        userId: 'usr_1',
        keyId: null,
        origin: 'gateway',
        createdAt: 1,
      } as const;
      const plan = {
        prompt: 'Well?',
        perspectives: [
          { index: 0, modelId: 'local/swift', provider: 'local', stance: null, system: null, usable: true },
        ],
        merge: null,
        maxTokens: 10,
        temperature: null,
        timeoutMs: 1000,
        quorum: null,
        stragglerGraceMs: 0,
        continueFrom: null,
        history: [],
      };
      const conversation = { messages: [user('What is the weather in Paris?')], tools: [WEATHER] };
      store.create(header, plan, 'digest', carries ? JSON.stringify(conversation) : null);
      let asks = 0;
      const drive = (ask: () => AsyncIterable<AskEvent>) =>
        driveRun({
          store,
          clock: { now: () => Date.now() },
          ask: () => {
            asks += 1;
            return ask();
          },
          merge: async () => undefined,
          price: () => null,
          sleep: pause,
          holds: null,
          signal: new AbortController().signal,
        });
      void drive(first);
      await pause(60);
      await drive(async function* () {
        yield { type: 'finished', index: 0, reason: 'stop' };
      });
      return { run: store.load(), written: store.writtenCalls(0), asks };
    });
  }

  it('are not asked for again, not passed on, and paid as far as they came', async () => {
    const { run, asks } = await interrupted(async function* () {
      yield { type: 'started', index: 0, keyStrategy: 'platform' };
      yield { type: 'call', index: 0, call: 0, id: 'call_1', name: 'get_weather' };
      yield { type: 'call_arguments', index: 0, call: 0, text: '{"city": "Pa' };
      await new Promise(() => undefined);
    });
    expect(asks).toBe(1);
    expect(run.perspectives[0]).toMatchObject({
      status: 'failed',
      error: { code: 'interrupted' },
      content: '',
    });
    expect(run.perspectives[0]?.toolCalls).toBeUndefined();
    expect(run.receipt).toMatchObject([{ keyStrategy: 'platform', estimated: true }]);
    // `get_weather{"city": "Pa` at four characters a token.
    expect(run.receipt[0]?.usage.outputTokens).toBe(6);
    expect(run.receipt[0]?.usage.inputTokens).toBeGreaterThan(20);
  });

  it('are nothing in a run of one prompt, where no tools are offered', async () => {
    const { run, asks } = await interrupted(async function* () {
      yield { type: 'started', index: 0, keyStrategy: 'platform' };
      yield { type: 'call', index: 0, call: 0, id: 'call_1', name: 'made_up' };
      await new Promise(() => undefined);
    }, false);
    expect(asks).toBe(2);
    expect(run.perspectives[0]).toMatchObject({ status: 'completed' });
    expect(run.perspectives[0]?.toolCalls).toBeUndefined();
  });

  it('had not begun are asked for again', async () => {
    const { run, asks } = await interrupted(async function* () {
      yield { type: 'started', index: 0, keyStrategy: 'platform' };
      await new Promise(() => undefined);
    });
    expect(asks).toBe(2);
    expect(run.perspectives[0]?.status).toBe('completed');
  });
});

describe('models that fail', () => {
  it('leave the others to answer', async () => {
    const { end, text, runId, receipt } = await turn(
      client,
      { models: ['local/overloaded', 'local/swift', 'local/cut', 'local/scribe'] },
      { messages: [user('Compare SQL and NoSQL.')] },
    );
    const run = await runOf(runId);
    expect(end).toBe('stop');
    expect(run.status).toBe('partial');
    expect(text).toBe(run.merge?.content);
    expect([...receipt.models].sort()).toEqual(['local/scribe', 'local/swift']);
  });

  it('all of them are one error with the reason of each, before anything else is said', async () => {
    const { events, receipt } = await turn(
      client,
      { models: ['local/overloaded', 'local/malformed', 'local/overloaded'] },
      { messages: [user('Hello')] },
    );
    expect(events).toHaveLength(1);
    const [only] = events as [Extract<ConversationEvent, { type: 'error' }>];
    expect(only.error).toMatchObject({ kind: 'overloaded', code: 'overloaded' });
    expect(only.error.message).toContain('local/malformed: ');
    expect(only.error.message.indexOf('local/overloaded')).toBeLessThan(
      only.error.message.indexOf('local/malformed'),
    );
    expect(receipt.models).toEqual([]);
  });

  it('all of them by declining are a refusal, as one model’s would be', async () => {
    const { end, text, events } = await turn(
      client,
      { models: ['local/refuses', 'local/refuses'] },
      { messages: [user('Hello')] },
    );
    expect(end).toBe('refusal');
    expect(text).toContain('I can’t help with that request.');
    expect(events.some(({ type }) => type === 'refusal')).toBe(true);
  });

  it('to merge leave the answer that has most in common with the others', async () => {
    const { end, text, runId } = await turn(
      client,
      { strategy: 'synthesize', mergeModel: 'local/overloaded' },
      { messages: [user('Compare SQL and NoSQL.')] },
    );
    const run = await runOf(runId);
    expect(end).toBe('stop');
    expect(run.merge?.fallback).toMatchObject({ from: 'synthesize' });
    expect(run.perspectives.map(({ content }) => content)).toContain(text);
  });

  it('to judge leave it to the models whether tools are called', async () => {
    const told = (model: string, system: string) => ({ model, system });
    const { end, runId } = await turn(
      client,
      {
        strategy: 'best_of',
        mergeModel: 'local/overloaded',
        models: [
          told('local/swift', '[[no-calls]]'),
          told('local/sage', '[[call:get_weather {"city":"Rome"}]]'),
          told('local/scribe', '[[call:get_weather {"city":"Rome"}]]'),
        ],
      },
      { messages: [user('What is the weather in Rome?')], tools: [WEATHER] },
    );
    expect(end).toBe('tool_calls');
    expect((await runOf(runId)).decision).toMatchObject({ perspective: 1, action: 'tool_calls' });
  });
});

describe('a run that is stopped from elsewhere', () => {
  it('ends its chat client’s stream as an error', async () => {
    const answer = await start(client, { models: ['local/silent'] }, { messages: [user('Anyone?')] });
    const events = Array.fromAsync(answer.events);
    await pause(100);
    await client.fetch(`/v1/perspectives/${answer.runId}/cancel`, { body: {} });
    expect((await events).at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
  });
});

describe('a large conversation', () => {
  const image = (bytes: number): Message => ({
    role: 'user',
    parts: [
      { type: 'text', text: 'What is in the picture?' },
      {
        type: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0K'.repeat(bytes / 8) },
      },
    ],
  });
  const FIVE_MB = 5 * 1000 * 1000;

  const album: Message[] = [
    image(FIVE_MB / 2),
    { role: 'assistant', parts: [{ type: 'text', text: 'A cat.' }] },
    image(FIVE_MB / 2),
  ];

  it('of 5 MB of images reaches every model, and does not stay with the run', async () => {
    const asked = await turn(client, {}, { messages: album });
    expect(asked.end).toBe('stop');
    const run = await runOf(asked.runId);
    expect(run.prompt).toBe('What is in the picture?');
    // Anthropic's and Gemini's wires carry bytes as such, so the stand-ins can say how many came.
    for (const { content } of run.perspectives.slice(1)) expect(content).toContain('1875000 bytes');
    await evictDurableObject(stubOf(asked.runId));
    expect(await runOf(asked.runId)).toEqual(run);
    const size = await runInDurableObject(
      stubOf(asked.runId),
      (_instance, state) => state.storage.sql.databaseSize,
    );
    expect(size).toBeLessThan(FIVE_MB * 2);
    const kept = await runInDurableObject(stubOf(asked.runId), (_instance, state) =>
      new RunStorage(state.storage, () => undefined).conversation(),
    );
    expect(kept).toBeNull();
  });

  it('is kept in rows while its run is under way, and asked whole again after an eviction', async () => {
    const gone = new AbortController();
    const mark = crypto.randomUUID();
    const messages = [...album, user(mark)];
    const answer = await start(client, { models: ['local/silent'] }, { messages }, { signal: gone.signal });
    const events = Array.fromAsync(answer.events);
    const stored = () =>
      runInDurableObject(stubOf(answer.runId), (_instance, state) => ({
        longest: state.storage.sql
          .exec<{ longest: number }>(
            "SELECT MAX(LENGTH(text)) AS longest FROM texts WHERE name = 'conversation'",
          )
          .one().longest,
        messages: JSON.stringify(new RunStorage(state.storage, () => undefined).conversation()?.messages),
      }));
    expect((await stored()).longest).toBe(500_000);
    await crash(answer.runId);
    const after = await stored();
    expect(after.messages === JSON.stringify(messages)).toBe(true);
    gone.abort();
    await events;
  });

  it('reaches the models of every group, and travels to each group once', async () => {
    const models = Array.from({ length: 7 }, (_, at) => TRIO[at % 3] ?? '');
    const { runId } = await turn(client, { models }, { messages: [image(2_000_000)] });
    const run = await runOf(runId);
    expect(run.status).toBe('completed');
    expect(run.perspectives).toHaveLength(7);
  });

  it('is refused above what a run carries, and above what its models can be sent together', async () => {
    const tooLarge = start(client, {}, { messages: [image(17 * 1024 * 1024)] });
    await expect(tooLarge).rejects.toMatchObject({ code: 'payload_too_large', status: 413 });
    const models = Array.from({ length: 12 }, () => 'local/swift');
    const tooMany = start(client, { models }, { messages: [image(5 * 1024 * 1024)] });
    await expect(tooMany).rejects.toMatchObject({ code: 'payload_too_large' });
  });
});

describe('another tenant', () => {
  it('can neither read nor watch an answer', async () => {
    const { runId } = await turn(
      client,
      { models: ['local/swift'] },
      { messages: [user('A private matter')] },
    );
    const stranger = principalOf(await newTenant('Stranger'));
    await expect(runs.answer(stranger, runId)).rejects.toMatchObject({ code: 'not_found' });
    const watched = runs.answerEvents(stranger, runId, new AbortController().signal);
    await expect(watched.next()).rejects.toMatchObject({ code: 'not_found' });
  });
});
