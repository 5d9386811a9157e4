import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run, RunEvent } from '../../src/contracts/perspectives.ts';
import { type Client, collect, newTenant } from './client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const stubOf = (id: string) => env.PERSPECTIVE_RUN.get(env.PERSPECTIVE_RUN.idFromName(id));

/** Starts a run, waits until it has said something, and leaves. */
async function startAndLeave(
  body: Record<string, unknown>,
  until: (event: RunEvent) => boolean,
): Promise<string> {
  const { response, events } = await client.stream(body);
  const id = response.headers.get('x-run-id') ?? '';
  for await (const { event } of events) if (until(event)) break;
  return id;
}

/** True once the first model has ended and the second has said something. */
function swiftEndedAndSlowBegan(): (event: RunEvent) => boolean {
  let ended = false;
  let began = false;
  return (event) => {
    if (event.type === 'perspective.completed' && event.index === 0) ended = true;
    if (event.type === 'perspective.delta' && event.index === 1) began = true;
    return ended && began;
  };
}

async function finished(id: string): Promise<Run> {
  let run: Run | undefined;
  await expect
    .poll(
      async () => {
        run = await (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();
        return run.status;
      },
      { timeout: 15_000 },
    )
    .not.toBe('running');
  if (run === undefined) throw new Error('no run');
  return run;
}

describe('a run whose object is evicted', () => {
  it('keeps what had ended, ends what had begun as interrupted, and is recorded once', async () => {
    const id = await startAndLeave(
      { prompt: 'Describe a river, in 400 words', models: ['local/swift', 'local/slow'], max_tokens: 2000 },
      swiftEndedAndSlowBegan(),
    );
    const before = await (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();
    expect(before.perspectives[0]?.status).toBe('completed');
    await crash(id);
    const run = await finished(id);
    expect(run.status).toBe('partial');
    expect(run.perspectives[0]).toEqual(before.perspectives[0]);
    expect(run.perspectives[1]).toMatchObject({
      status: 'failed',
      error: { code: 'interrupted', retryable: true },
    });
    expect(run.perspectives[1]?.content.length).toBeGreaterThan(0);
    const list = await (await client.fetch('/v1/perspectives?limit=100')).json<{ data: { id: string }[] }>();
    expect(list.data.filter((row) => row.id === id)).toHaveLength(1);
  });

  it('asks again a model that had not said a word, and answers whole', async () => {
    const { response, events } = await client.stream({
      prompt: 'Quietly now',
      models: ['local/silent'],
      timeout_ms: 60_000,
    });
    const id = response.headers.get('x-run-id') ?? '';
    await events.next();
    await crash(id);
    // Asked again and silent again: the second ask is seen in the object, and cancelling ends it.
    await client.fetch(`/v1/perspectives/${id}`);
    const asked = await runInDurableObject(
      stubOf(id),
      (_instance, state) =>
        state.storage.sql.exec<{ asked: number }>('SELECT asked FROM perspectives').one().asked,
    );
    expect(asked).toBe(2);
    await client.fetch(`/v1/perspectives/${id}/cancel`, { body: {} });
    expect((await finished(id)).perspectives[0]?.error?.code).toBe('cancelled');
  });

  it('is taken up by its alarm when nobody comes back', async () => {
    const id = await startAndLeave(
      { prompt: 'Describe a hill, in 300 words', models: ['local/slow'] },
      (event) => event.type === 'perspective.delta',
    );
    await crash(id);
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
    const status = await runInDurableObject(
      stubOf(id),
      (_instance, state) => state.storage.sql.exec<{ status: string }>('SELECT status FROM run').one().status,
    );
    expect(status).toBe('failed');
  });

  it('gives a client that resumes the rest of the events, each once', async () => {
    const { response, events } = await client.stream({
      prompt: 'Describe a lake, in 300 words',
      models: ['local/swift', 'local/slow'],
      merge: { strategy: 'best_of' },
    });
    const id = response.headers.get('x-run-id') ?? '';
    const seen: number[] = [];
    const enough = swiftEndedAndSlowBegan();
    for await (const { id: eventId, event } of events) {
      seen.push(eventId);
      if (enough(event)) break;
    }
    await crash(id);
    const resumed = await client.fetch(`/v1/perspectives/${id}/events`, {
      headers: { 'last-event-id': String(seen.at(-1)) },
    });
    const rest = resumed.body === null ? [] : await collect(resumed.body);
    const ids = [...seen, ...rest.map((one) => one.id)];
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(rest.at(-1)?.event).toMatchObject({
      type: 'run.completed',
      run: { status: 'partial', merge: { strategy: 'best_of' } },
    });
  });
});

describe('a finished run', () => {
  it('survives eviction whole', async () => {
    const run = await client.run({
      prompt: 'Remember me',
      models: ['local/sage'],
      merge: { strategy: 'synthesize' },
    });
    await evictDurableObject(stubOf(run.id));
    expect(await (await client.fetch(`/v1/perspectives/${run.id}`)).json()).toEqual(run);
  });

  it('loses its deltas after an hour and everything after its retention', async () => {
    const { response } = await client.stream({ prompt: 'For a while', models: ['local/swift'] });
    const id = response.headers.get('x-run-id') ?? '';
    if (response.body !== null) await collect(response.body);
    const age = (ms: number) =>
      runInDurableObject(stubOf(id), (_instance, state) => {
        state.storage.sql.exec('UPDATE run SET completed_at = completed_at - ?', ms);
      });
    const types = async () => {
      const events = await client.fetch(`/v1/perspectives/${id}/events`);
      return events.body === null ? [] : (await collect(events.body)).map(({ event }) => event.type);
    };
    await age(61 * 60 * 1000);
    // The alarm may be ringing by itself: then there is none to ring.
    await expect
      .poll(async () => {
        await runDurableObjectAlarm(stubOf(id));
        return types();
      })
      .toEqual(['run.started', 'perspective.completed', 'run.completed']);
    await age(31 * 24 * 60 * 60 * 1000);
    await runDurableObjectAlarm(stubOf(id)).catch(() => undefined);
    expect((await client.fetch(`/v1/perspectives/${id}`)).status).toBe(404);
    const list = await (await client.fetch('/v1/perspectives?limit=100')).json<{ data: { id: string }[] }>();
    expect(list.data.some((row) => row.id === id)).toBe(false);
  });
});

/** Stops the object as a crash does: its memory and its open calls are gone, its storage stays. */
async function crash(id: string): Promise<void> {
  await runInDurableObject(stubOf(id), (_instance, state) => {
    state.abort('crashed by a test');
  }).catch((error: unknown) => {
    if (!String(error).includes('crashed by a test')) throw error;
  });
}
