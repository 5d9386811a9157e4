import { describe, expect, it } from 'vitest';
import { endedRun, legacyClient, legacyRequest, modernRequest, restRun, runIdOf } from './mcp-clients.ts';

const ask = (model: string) => ({
  name: 'get_perspectives',
  arguments: { prompt: 'Explain queues at length.', models: [model, model], strategy: 'none' },
});
/** About three seconds: long enough to go away in between. */
const slow = ask('local/slow');
/** Never answers: ends only when it is stopped. */
const silent = ask('local/silent');

describe('a client that goes away from the running server', () => {
  it('stops its run on 2026-07-28', async () => {
    const gone = new AbortController();
    const id = await runIdOf(await modernRequest('tools/call', silent, gone.signal));
    gone.abort();
    const run = await endedRun(id, 20_000);
    expect(run.perspectives.map(({ error }) => error?.code)).toEqual(['cancelled', 'cancelled']);
  });

  it('leaves its run going on 2025-11-25', async () => {
    const gone = new AbortController();
    const id = await runIdOf(await legacyRequest('tools/call', slow, gone.signal));
    gone.abort();
    const run = await endedRun(id, 60_000);
    expect(run.status).toBe('completed');
    const client = await legacyClient();
    const later = await client.callTool({ name: 'get_perspectives', arguments: { run_id: id } });
    expect(later.structuredContent).toMatchObject({ id, status: 'completed' });
    await client.close();
  });

  it('stops its run on 2025-11-25 when it says so', async () => {
    const client = await legacyClient();
    const given = new AbortController();
    let id = '';
    const calling = client.callTool(silent, undefined, {
      signal: given.signal,
      onprogress: ({ message }) => {
        id ||= /run_[0-9A-Z]{26}/.exec(message ?? '')?.[0] ?? '';
        if (id !== '') given.abort('enough');
      },
    });
    await expect(calling).rejects.toThrow();
    const run = await endedRun(id, 20_000);
    expect(run.perspectives.map(({ error }) => error?.code)).toEqual(['cancelled', 'cancelled']);
    await client.close();
  });
});

describe('a task on the running server', () => {
  it('is followed to its result by the official client', async () => {
    const client = await legacyClient();
    await client.listTools();
    const stream = client.experimental.tasks.callToolStream(
      { name: 'get_perspectives', arguments: { prompt: 'Queue or cron?', models: ['local/swift'] } },
      undefined,
      { task: { ttl: 60_000 } },
    );
    const seen: string[] = [];
    let id = '';
    for await (const message of stream) {
      seen.push(message.type);
      if (message.type === 'taskCreated') id = message.task.taskId;
      if (message.type === 'result')
        expect(message.result.structuredContent).toMatchObject({ id, status: 'completed' });
    }
    expect(seen[0]).toBe('taskCreated');
    expect(seen.at(-1)).toBe('result');
    expect((await restRun(id)).status).toBe('completed');
    await client.close();
  });
});
