import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { describe, expect, it } from 'vitest';
import { ALL, legacyClient, modernClient, principalWith, serve, textOf } from './in-process.ts';

describe('get_perspectives', () => {
  it('answers with the digest as text, the same for programs, and a link to the whole run', async () => {
    const served = serve();
    const client = await legacyClient(served);
    const calling = client.callTool({ name: 'get_perspectives', arguments: { prompt: 'Queue or cron?' } });
    const run = await served.runs.waitForStart();
    run.answer(0, 'A queue.');
    run.answer(1, 'A cron.');
    run.fail(2, 'upstream_timeout');
    run.finish();
    const result = await calling;
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent).toMatchObject({
      id: run.id,
      status: 'partial',
      perspectives: [{ content: 'A queue.' }, { content: 'A cron.' }, { status: 'failed' }],
    });
    expect(result.content).toMatchObject([
      { type: 'text', text: expect.stringContaining('upstream_timeout') },
      { type: 'resource_link', uri: `parallax://runs/${run.id}` },
    ]);
  });

  it('reports progress as perspectives finish, always increasing', async () => {
    for (const connect of [legacyClient, modernClient]) {
      const served = serve();
      const client = await connect(served);
      const steps: { progress: number; message?: string | undefined }[] = [];
      const onprogress = (step: { progress: number; message?: string | undefined }) => void steps.push(step);
      const call = {
        name: 'get_perspectives',
        arguments: { prompt: 'Q', models: ['local/swift', 'local/sage'], strategy: 'none' },
      };
      const calling =
        client instanceof Client
          ? client.callTool(call, undefined, { onprogress })
          : client.callTool(call, { onprogress });
      const run = await served.runs.waitForStart();
      run.answer(0, 'One.');
      run.answer(1, 'Two.');
      run.finish();
      await calling;
      const amounts = steps.map(({ progress }) => progress);
      expect(amounts).toEqual([...amounts].sort((a, b) => a - b));
      expect(new Set(amounts).size).toBe(amounts.length);
      expect(steps.map(({ message }) => message).join('\n')).toMatch(/1 of 2: local\/swift answered/);
    }
  });

  it('answers before the client gives up, and run_id brings the rest', async () => {
    const served = serve({ patience: { answerMs: 30, taskMs: 10, heartbeatMs: 10_000 } });
    const client = await legacyClient(served);
    const calling = client.callTool({
      name: 'get_perspectives',
      arguments: { prompt: 'Q', models: ['local/swift', 'local/sage'] },
    });
    const run = await served.runs.waitForStart();
    run.answer(0, 'Early.');
    const early = await calling;
    expect(early.structuredContent).toMatchObject({
      status: 'running',
      perspectives: [{ content: 'Early.' }, { status: 'pending' }],
    });
    expect(textOf(early)).toContain(`run_id \\"${run.id}\\"`);
    expect(served.runs.cancelled).toEqual([]);

    run.answer(1, 'Late.');
    run.finish();
    const late = await client.callTool({ name: 'get_perspectives', arguments: { run_id: run.id } });
    expect(late.structuredContent).toMatchObject({
      status: 'completed',
      perspectives: [{ content: 'Early.' }, { content: 'Late.' }],
    });
    expect(served.runs.started).toHaveLength(1);
  });

  it('is an error for the model when every perspective failed', async () => {
    const served = serve();
    const calling = (await legacyClient(served)).callTool({
      name: 'get_perspectives',
      arguments: { prompt: 'Q', models: ['local/swift'] },
    });
    const run = await served.runs.waitForStart();
    run.fail(0, 'no_provider_key');
    run.finish();
    expect(await calling).toMatchObject({ isError: true, structuredContent: { status: 'failed' } });
  });

  it('gives each model its stance', async () => {
    const served = serve();
    const calling = (await legacyClient(served)).callTool({
      name: 'get_perspectives',
      arguments: { prompt: 'Q', stances: ['for', 'against'] },
    });
    const run = await served.runs.waitForStart();
    run.finish();
    await calling;
    expect(run.now.perspectives.map(({ model, stance }) => [model, stance])).toEqual([
      ['local/swift', 'for'],
      ['local/sage', 'against'],
      ['local/scribe', null],
    ]);
  });

  it('says what to do about a mistake, in a result that the model reads', async () => {
    const client = await legacyClient(serve());
    const mistakes: [Record<string, unknown>, RegExp][] = [
      [{}, /prompt.*missing/],
      [{ prompt: ' ' }, /prompt.*blank/],
      [{ prompt: 'Q', models: ['local/unknown'] }, /local\/swift.*model_not_found/],
      [{ prompt: 'Q', models: 'local/swift' }, /models/],
      [{ prompt: 'Q', max_tokens: -1 }, /max_tokens/],
      [{ prompt: 'Q', colour: 'red' }, /colour.*not a known field/],
      [{ prompt: 'Q', run_id: 'run_01' }, /stands alone/],
      [{ run_id: 'run_of_nobody' }, /no such run/],
      [{ prompt: 'Q', models: ['local/swift'], stances: ['a', 'b'] }, /2 stances for 1 models/],
    ];
    for (const [args, expected] of mistakes) {
      const result = await client.callTool({ name: 'get_perspectives', arguments: args });
      expect(result.isError, JSON.stringify(args)).toBe(true);
      expect(textOf(result), JSON.stringify(args)).toMatch(expected);
    }
  });

  it('says which scope is missing when it is called without it', async () => {
    const result = await (await legacyClient(serve({ scopes: [] }))).callTool({
      name: 'get_perspectives',
      arguments: { prompt: 'Q' },
    });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('needs the scope \\"perspectives\\"');
  });

  it('hides a defect’s inside, logs it, and gives an id to quote', async () => {
    const served = serve();
    const calling = (await legacyClient(served)).callTool({
      name: 'get_perspectives',
      arguments: { prompt: 'break' },
    });
    await expect(calling).rejects.toThrow(/req_1/);
    await expect(calling).rejects.not.toThrow(/secret/);
    expect(served.lines.filter((line) => line.startsWith('error')).join()).toContain(
      'a defect with a secret inside',
    );
  });

  it('never shows another tenant’s run', async () => {
    const served = serve();
    await served.runs.start(
      { ...principalWith(ALL), tenantId: 'ten_other' },
      { prompt: 'Secret plan', memory: 'none', stream: false },
      { origin: 'mcp' },
    );
    const client = await legacyClient(served);
    expect(
      textOf(await client.callTool({ name: 'get_perspectives', arguments: { run_id: 'run_01' } })),
    ).toContain('no such run');
    await expect(client.readResource({ uri: 'parallax://runs/run_01' })).rejects.toThrow(/no such run/i);
    expect(textOf(await client.listResources())).not.toContain('Secret plan');
  });
});
