import { describe, expect, it } from 'vitest';
import {
  ALL,
  ENVELOPE,
  legacyClient,
  legacyRequest,
  memoryStartedRuns,
  modernRequest,
  principalWith,
  serve,
  textOf,
} from './in-process.ts';

describe('a client that goes away', () => {
  const call = { name: 'get_perspectives', arguments: { prompt: 'Q', models: ['local/swift'] } };

  it('cancels its run on 2026-07-28', async () => {
    const served = serve();
    const gone = new AbortController();
    const calling = served.fetch(modernRequest('tools/call', { ...call }, ENVELOPE, { signal: gone.signal }));
    const run = await served.runs.waitForStart();
    gone.abort();
    await Promise.all(served.after);
    expect(served.runs.cancelled).toEqual([run.id]);
    expect(await (await calling).text()).not.toContain('result');
  });

  it('cancels its run on 2026-07-28 when it closes the stream of progress', async () => {
    const served = serve();
    const response = await served.fetch(
      modernRequest('tools/call', { ...call }, { ...ENVELOPE, progressToken: 'p' }),
    );
    const run = await served.runs.waitForStart();
    await response.body?.cancel();
    await Promise.all(served.after);
    expect(served.runs.cancelled).toEqual([run.id]);
  });

  it('does not stop an earlier run that it only waited for', async () => {
    const served = serve();
    await served.runs.start(
      principalWith(ALL),
      { prompt: 'Q', memory: 'none', stream: false },
      { origin: 'rest' },
    );
    const response = await served.fetch(
      modernRequest(
        'tools/call',
        { name: 'get_perspectives', arguments: { run_id: 'run_01' } },
        { ...ENVELOPE, progressToken: 'p' },
      ),
    );
    await response.body?.cancel();
    await Promise.all(served.after);
    expect(served.runs.cancelled).toEqual([]);
  });

  it('leaves its run going on 2025-11-25, where it can be had later', async () => {
    const served = serve();
    const response = await served.fetch(
      legacyRequest({ id: 7, method: 'tools/call', params: { ...call, _meta: { progressToken: 'p' } } }),
    );
    const run = await served.runs.waitForStart();
    await response.body?.cancel();
    await Promise.all(served.after);
    expect(served.runs.cancelled).toEqual([]);
    run.answer(0, 'Kept.');
    run.finish();
    const client = await legacyClient(served);
    expect(
      textOf(await client.callTool({ name: 'get_perspectives', arguments: { run_id: run.id } })),
    ).toContain('Kept.');
  });

  it('cancels its run on 2025-11-25 by saying so', async () => {
    const served = serve();
    const client = await legacyClient(served);
    const given = new AbortController();
    const calling = client.callTool(call, undefined, { signal: given.signal });
    const run = await served.runs.waitForStart();
    given.abort('changed my mind');
    await expect(calling).rejects.toThrow();
    while (served.runs.cancelled.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(served.runs.cancelled).toEqual([run.id]);
  });

  it('cannot cancel the run of another session that used the same request id, nor of another key', async () => {
    const startedRuns = memoryStartedRuns();
    const served = serve({ startedRuns });
    const other = { ...principalWith(ALL), keyId: 'key_2' };
    const starting = served.fetch(
      legacyRequest({ id: 1, method: 'tools/call', params: call }, { 'mcp-session-id': 'session-a' }),
    );
    const run = await served.runs.waitForStart();
    const cancel = { method: 'notifications/cancelled', params: { requestId: 1 } };
    expect((await served.fetch(legacyRequest(cancel, { 'mcp-session-id': 'session-b' }))).status).toBe(202);
    expect((await served.fetch(legacyRequest(cancel))).status).toBe(202);
    await serve({ startedRuns, runs: served.runs, authenticate: async () => other }).fetch(
      legacyRequest(cancel, { 'mcp-session-id': 'session-a' }),
    );
    expect(served.runs.cancelled).toEqual([]);
    run.finish();
    await (await starting).text();
  });
});
