import { describe, expect, it } from 'vitest';
import {
  legacyClient,
  legacyRequest,
  modernRequest,
  resultOf,
  serve,
  textOf,
  WITH_TASKS,
} from './in-process.ts';

describe('tasks', () => {
  const call = { name: 'get_perspectives', arguments: { prompt: 'Q', models: ['local/swift'] } };

  it('run a 2025-11-25 call to its end for the official client', async () => {
    const served = serve();
    const client = await legacyClient(served);
    await client.listTools();
    const seen: string[] = [];
    const stream = client.experimental.tasks.callToolStream(call, undefined, { task: { ttl: 60_000 } });
    for await (const message of stream) {
      seen.push(message.type);
      if (message.type === 'taskCreated') {
        const run = await served.runs.waitForStart();
        expect(message.task).toMatchObject({ taskId: run.id, status: 'working' });
        run.answer(0, 'By task.');
        run.finish();
      }
      if (message.type === 'result') expect(textOf(message.result)).toContain('By task.');
    }
    expect(seen[0]).toBe('taskCreated');
    expect(seen.at(-1)).toBe('result');
  });

  it('are cancelled on 2025-11-25, once', async () => {
    const served = serve();
    const client = await legacyClient(served);
    await served
      .fetch(legacyRequest({ id: 1, method: 'tools/call', params: { ...call, task: {} } }))
      .then((response) => response.text());
    const run = await served.runs.waitForStart();
    expect(await client.experimental.tasks.cancelTask(run.id)).toMatchObject({
      taskId: run.id,
      status: 'cancelled',
    });
    expect(await client.experimental.tasks.getTask(run.id)).toMatchObject({ status: 'cancelled' });
    await expect(client.experimental.tasks.cancelTask(run.id)).rejects.toMatchObject({ code: -32602 });
    await expect(client.experimental.tasks.getTask('run_of_nobody')).rejects.toMatchObject({ code: -32602 });
  });

  it('are made on 2026-07-28 of a call that takes long, for a client that declares them', async () => {
    const served = serve({ patience: { answerMs: 10_000, taskMs: 10, heartbeatMs: 10_000 } });
    const created = await resultOf(await served.fetch(modernRequest('tools/call', { ...call }, WITH_TASKS)));
    const run = await served.runs.waitForStart();
    expect(created).toMatchObject({
      resultType: 'task',
      taskId: run.id,
      status: 'working',
      ttlMs: 30 * 86_400_000,
      pollIntervalMs: expect.any(Number),
    });

    const ask = async () =>
      resultOf(await served.fetch(modernRequest('tasks/get', { taskId: run.id }, WITH_TASKS)));
    expect(await ask()).toMatchObject({ resultType: 'complete', status: 'working' });
    run.answer(0, 'By task.');
    run.finish();
    expect(await ask()).toMatchObject({
      status: 'completed',
      result: { content: [{ text: expect.stringContaining('By task.') }, {}] },
    });
  });

  it('are not made on 2026-07-28 of a call that is quick', async () => {
    const served = serve();
    const calling = served.fetch(modernRequest('tools/call', { ...call }, WITH_TASKS));
    const run = await served.runs.waitForStart();
    run.answer(0, 'Quick.');
    run.finish();
    expect(await resultOf(await calling)).toMatchObject({
      resultType: 'complete',
      structuredContent: { status: 'completed' },
    });
  });

  it('are refused on 2026-07-28 to a client that does not declare them', async () => {
    const served = serve();
    const response = await served.fetch(modernRequest('tasks/get', { taskId: 'run_01' }));
    expect(await resultOf(response)).toMatchObject({
      error: {
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      },
    });
  });

  it('are cancelled on 2026-07-28 with an acknowledgement', async () => {
    const served = serve({ patience: { answerMs: 10_000, taskMs: 5, heartbeatMs: 10_000 } });
    await served
      .fetch(modernRequest('tools/call', { ...call }, WITH_TASKS))
      .then((response) => response.text());
    const run = await served.runs.waitForStart();
    expect(
      await resultOf(await served.fetch(modernRequest('tasks/cancel', { taskId: run.id }, WITH_TASKS))),
    ).toMatchObject({ resultType: 'complete' });
    expect(served.runs.cancelled).toEqual([run.id]);
    expect(
      await resultOf(await served.fetch(modernRequest('tasks/get', { taskId: run.id }, WITH_TASKS))),
    ).toMatchObject({ status: 'cancelled' });
  });

  it('are announced in each revision’s own way', async () => {
    const served = serve();
    const { tools } = await (await legacyClient(served)).listTools();
    expect(tools.find(({ name }) => name === 'get_perspectives')?.execution).toEqual({
      taskSupport: 'optional',
    });
    const discovered = await resultOf(await served.fetch(modernRequest('server/discover', {})));
    expect(discovered).toMatchObject({
      capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } },
    });
    expect(discovered.capabilities).not.toHaveProperty('tasks');
  });
});
