import { describe, expect, it } from 'vitest';
import { createLogger } from '../platform/log.ts';
import { principalWith } from './in-process.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';
import { createScriptedRuns, type ScriptedRuns } from './scripted-runs.ts';
import { type Watch, watchRun } from './watch-run.ts';

const principal = principalWith(['perspectives']);

async function begin() {
  const runs = createScriptedRuns();
  const { id } = await runs.start(
    principal,
    { prompt: 'Q', models: ['local/swift', 'local/sage'], memory: 'none', stream: false },
    { origin: 'mcp' },
  );
  const run = await runs.waitForStart();
  const lines: string[] = [];
  const watch = (more: Partial<Watch> = {}) =>
    watchRun({
      runs,
      principal,
      id,
      patienceMs: 10_000,
      heartbeatMs: 10_000,
      progress: NO_PROGRESS,
      signal: new AbortController().signal,
      log: createLogger({}, (_level, line) => lines.push(line)),
      ...more,
    });
  return { runs, run, watch, lines };
}

/** The service, its first stream breaking off after so many events. */
function breaking(runs: ScriptedRuns, error: Error): { runs: ScriptedRuns; opened: number[] } {
  const opened: number[] = [];
  const broken: ScriptedRuns = {
    ...runs,
    started: runs.started,
    cancelled: runs.cancelled,
    async eventStream(who, id, after) {
      opened.push(after);
      const stream = await runs.eventStream(who, id, after);
      if (opened.length > 1) return stream;
      const reader = stream.getReader();
      return new ReadableStream({
        async pull(controller) {
          if (opened.length === 1 && sent > 0) {
            controller.error(error);
            return;
          }
          sent += 1;
          controller.enqueue((await reader.read()).value);
        },
      });
    },
  };
  let sent = 0;
  return { runs: broken, opened };
}

describe('watching a run', () => {
  it('gives the finished run as soon as it has finished', async () => {
    const { run, watch } = await begin();
    const watching = watch();
    run.answer(0, 'A.');
    run.answer(1, 'B.');
    run.finish();
    expect((await watching)?.status).toBe('completed');
  });

  it('gives the run as it is when the patience is over, and changes nothing in it', async () => {
    const { runs, run, watch } = await begin();
    run.answer(0, 'A.');
    expect(await watch({ patienceMs: 5 })).toMatchObject({
      status: 'running',
      perspectives: [{ content: 'A.' }, {}],
    });
    expect(runs.cancelled).toEqual([]);
  });

  it('gives nothing when nobody waits any more', async () => {
    const { watch } = await begin();
    const gone = new AbortController();
    const watching = watch({ signal: gone.signal });
    gone.abort();
    expect(await watching).toBeNull();
    expect(await watch({ signal: gone.signal })).toBeNull();
  });

  it('goes on where it was when the run’s object restarts', async () => {
    const { runs, run, watch, lines } = await begin();
    const broken = breaking(runs, new Error('Durable Object reset'));
    const watching = watch({ runs: broken.runs });
    run.answer(0, 'A.');
    run.answer(1, 'B.');
    run.finish();
    expect((await watching)?.status).toBe('completed');
    expect(broken.opened).toEqual([0, 1]);
    expect(lines.join()).toContain('Durable Object reset');
  });

  it('says that it is still waiting while nothing happens', async () => {
    const { run, watch } = await begin();
    const beats: string[] = [];
    const progress: Progress = {
      report: async () => undefined,
      beat: async (message) => {
        beats.push(message);
        run.finish();
      },
    };
    run.answer(0, 'A.');
    await watch({ progress, heartbeatMs: 10 });
    expect(beats).toEqual(['Still waiting: 1 of 2 answers are in.']);
  });

  it('refuses a run that is not the principal’s', async () => {
    const { watch } = await begin();
    await expect(watch({ principal: { ...principal, tenantId: 'ten_other' } })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
