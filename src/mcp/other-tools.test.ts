import { describe, expect, it } from 'vitest';
import {
  ALL,
  legacyClient,
  legacyRequest,
  modernClient,
  principalWith,
  resultOf,
  serve,
} from './in-process.ts';

describe('the other tools', () => {
  it('list_models shows what can be used, cheapest words, and filters', async () => {
    const client = await modernClient(serve());
    const ids = async (args: Record<string, unknown>) => {
      const { structuredContent } = await client.callTool({ name: 'list_models', arguments: args });
      return (structuredContent as { models: { id: string }[] }).models.map(({ id }) => id);
    };
    expect(await ids({})).toEqual(['local/sage', 'local/scribe', 'local/swift']);
    expect(await ids({ include_unavailable: true, capability: 'vision' })).toEqual([
      'anthropic/claude-opus-5',
    ]);
    expect(await ids({ tier: 'eco' })).toEqual(['local/swift']);
    expect(await ids({ category: 'embedding' })).toEqual(['local/embed']);
    expect(await ids({ query: 'SWI' })).toEqual(['local/swift']);
    expect(await ids({ provider: 'nobody' })).toEqual([]);
  });

  it('resolve_model says where a prompt would go, without asking anybody', async () => {
    const served = serve();
    const client = await modernClient(served);
    const { structuredContent, content } = await client.callTool({
      name: 'resolve_model',
      arguments: { prompt: 'Write a Python function that reverses a list.', max_tokens: 100 },
    });
    expect(structuredContent).toMatchObject({
      provider: 'local',
      chosen_by: 'auto',
      task: { name: 'coding' },
      estimate: { output_tokens: 100 },
      fallbacks: [expect.stringMatching(/^local\//), expect.stringMatching(/^local\//)],
    });
    expect(content).toMatchObject([{ type: 'text', text: expect.stringMatching(/scores best of 3 models/) }]);
    const named = async (args: object) =>
      (await client.callTool({ name: 'resolve_model', arguments: { ...args } })).structuredContent;
    expect(await named({ model: 'best' })).toMatchObject({ model: 'local/sage', chosen_by: 'alias' });
    expect(await named({ prompt: 'hi', task: 'math' })).toMatchObject({
      task: { name: 'math', confidence: 1 },
    });
    expect(await named({ model: 'parallax/debate' })).toMatchObject({
      panel: ['local/swift', 'local/sage', 'local/scribe'],
    });
    await expect(served.runs.list(principalWith(ALL), { limit: 1 })).resolves.toMatchObject({ rows: [] });
  });

  it('resolve_model says what is wrong and what there is', async () => {
    const client = await legacyClient(serve());
    const refused = async (args: object) =>
      JSON.stringify(await client.callTool({ name: 'resolve_model', arguments: { ...args } }));
    expect(await refused({ model: 'local/swif' })).toContain('Did you mean local/swift');
    expect(await refused({ prompt: 'x', needs: ['audio_input'] })).toContain('takes audio');
    expect(await refused({ model: 'parallax/nothing' })).toContain('There is no panel');
    expect(await refused({ temperature: 1 })).toContain('temperature');
  });

  it('merge_responses merges a finished run again and says when one has not finished', async () => {
    const served = serve();
    const client = await legacyClient(served);
    const { id } = await served.runs.start(
      principalWith(ALL),
      { prompt: 'Q', models: ['local/swift'], memory: 'none', stream: false },
      { origin: 'rest' },
    );
    const merge = () =>
      client.callTool({ name: 'merge_responses', arguments: { run_id: id, strategy: 'best_of' } });
    expect(await merge()).toMatchObject({ isError: true });
    const run = await served.runs.waitForStart();
    run.answer(0, 'A.');
    run.finish();
    expect(await merge()).toMatchObject({
      structuredContent: { merge: { strategy: 'best_of', content: 'Merged by best_of.' } },
    });
  });

  it('an unknown tool is named, with those there are', async () => {
    await expect((await modernClient(serve())).callTool({ name: 'nothing', arguments: {} })).rejects.toThrow(
      /get_perspectives/,
    );
  });

  it('a tool that cannot run as a task says so', async () => {
    const response = await serve().fetch(
      legacyRequest({
        id: 1,
        method: 'tools/call',
        params: { name: 'list_models', arguments: {}, task: {} },
      }),
    );
    expect(await resultOf(response)).toMatchObject({ error: { code: -32601 } });
  });
});

describe('prompts and resources', () => {
  it('a prompt becomes the person’s message', async () => {
    const client = await modernClient(serve());
    const { messages } = await client.getPrompt({
      name: 'code_review',
      arguments: { code: 'x = 1', focus: 'speed' },
    });
    expect(messages).toMatchObject([
      { role: 'user', content: { type: 'text', text: expect.stringContaining('x = 1') } },
    ]);
    await expect(client.getPrompt({ name: 'code_review', arguments: {} })).rejects.toThrow(/code/);
    await expect(client.getPrompt({ name: 'nothing' })).rejects.toThrow(/second_opinion/);
  });

  it('a finished run can be listed, read whole, and read answer by answer', async () => {
    const served = serve();
    const { id } = await served.runs.start(
      principalWith(ALL),
      { prompt: 'Q', models: ['local/swift'], memory: 'none', stream: false },
      { origin: 'rest' },
    );
    const run = await served.runs.waitForStart();
    run.answer(0, 'The whole answer.');
    run.finish();
    const client = await modernClient(served);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain(`parallax://runs/${id}`);
    const [whole] = (await client.readResource({ uri: `parallax://runs/${id}` })).contents;
    expect(JSON.parse(whole !== undefined && 'text' in whole ? whole.text : '')).toEqual(run.now);
    const [answer] = (await client.readResource({ uri: `parallax://runs/${id}/perspectives/0` })).contents;
    expect(answer).toMatchObject({ mimeType: 'text/markdown', text: 'The whole answer.' });
    await expect(client.readResource({ uri: `parallax://runs/${id}/perspectives/5` })).rejects.toThrow(
      /no 5/,
    );
  });

  it('models are resources too, with completion of their ids', async () => {
    const client = await legacyClient(serve());
    const [card] = (await client.readResource({ uri: 'parallax://models/anthropic/claude-opus-5' })).contents;
    expect(card).toMatchObject({ text: expect.stringContaining('"input": 2.5') });
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'parallax://models/{+id}' },
      argument: { name: 'id', value: 'opus' },
    });
    expect(completion.values).toEqual(['anthropic/claude-opus-5']);
  });

  it('an address that is nobody’s is refused with those there are', async () => {
    await expect((await legacyClient(serve())).readResource({ uri: 'file:///etc/passwd' })).rejects.toThrow(
      /parallax:\/\/runs/,
    );
  });
});
