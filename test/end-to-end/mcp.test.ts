import { describe, expect, inject, it } from 'vitest';
import { legacyClient, modernClient, restRun } from './mcp-clients.ts';

interface Digest {
  readonly id: string;
  readonly status: string;
  readonly merge: { readonly strategy: string; readonly content: string } | null;
  readonly perspectives: readonly {
    readonly model: string;
    readonly status: string;
    readonly content: string;
    readonly error: string | null;
  }[];
}
const digestOf = (result: object) => (result as { structuredContent: Digest }).structuredContent;
const question = 'Should a small team use a message queue or a nightly cron job for invoices?';

describe('the official clients', () => {
  it('v1 asks three local models and reads the whole run as a resource', async () => {
    const client = await legacyClient();
    const steps: string[] = [];
    const result = await client.callTool(
      { name: 'get_perspectives', arguments: { prompt: question } },
      undefined,
      {
        onprogress: ({ message }) => void steps.push(message ?? ''),
      },
    );
    const digest = digestOf(result);
    expect(digest.status).toBe('completed');
    expect(digest.perspectives.map(({ model }) => model).sort()).toEqual([
      'local/sage',
      'local/scribe',
      'local/swift',
    ]);
    expect(digest.merge?.strategy).toBe('consensus');
    expect(digest.merge?.content).not.toBe('');
    expect(steps.filter((step) => step.includes('answered'))).toHaveLength(3);

    const [resource] = (await client.readResource({ uri: `parallax://runs/${digest.id}` })).contents;
    expect(JSON.parse(resource !== undefined && 'text' in resource ? resource.text : '')).toEqual(
      await restRun(digest.id),
    );
    await client.close();
  });

  it('v2 negotiates 2026-07-28 and gets the same', async () => {
    const client = await modernClient();
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const result = await client.callTool({
      name: 'get_perspectives',
      arguments: { prompt: question, models: ['local/swift', 'local/sage'], strategy: 'none' },
    });
    const digest = digestOf(result);
    expect(digest).toMatchObject({
      status: 'completed',
      merge: null,
      perspectives: [{ model: 'local/swift' }, { model: 'local/sage' }],
    });
    const merged = await client.callTool({
      name: 'merge_responses',
      arguments: { run_id: digest.id, strategy: 'best_of' },
    });
    expect(digestOf(merged).merge?.strategy).toBe('best_of');
    await client.close();
  });

  it('both list the same tools, prompts and resources', async () => {
    const [v1, v2] = [await legacyClient(), await modernClient()];
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    expect(names((await v2.listTools()).tools)).toEqual(names((await v1.listTools()).tools));
    expect(names((await v2.listPrompts()).prompts)).toEqual(['second_opinion', 'debate', 'code_review']);
    const { resources } = await v1.listResources();
    expect(names(resources)).toContain('models');
    expect(names(resources)).toContain('docs/mcp');
    await Promise.all([v1.close(), v2.close()]);
  });
});

describe('the tools on the running server', () => {
  it('report a model that fails beside those that answer', async () => {
    const client = await legacyClient();
    const result = await client.callTool({
      name: 'get_perspectives',
      arguments: { prompt: question, models: ['local/swift', 'local/overloaded'], strategy: 'none' },
    });
    const digest = digestOf(result);
    expect(digest.status).toBe('partial');
    expect(digest.perspectives[1]?.error).toMatch(/\w/);
    await client.close();
  });

  it('name the nearest models for one that does not exist', async () => {
    const client = await legacyClient();
    const unknown = await client.callTool({
      name: 'get_perspectives',
      arguments: { prompt: 'Q', models: ['local/swif'] },
    });
    expect(unknown.isError).toBe(true);
    expect(JSON.stringify(unknown.content)).toContain('local/swift');
    await client.close();
  });

  it('tell what was used and what is left, to both official clients alike', async () => {
    for (const client of [await legacyClient(), await modernClient()]) {
      const used = await client.callTool({ name: 'get_usage', arguments: { group_by: 'provider' } });
      expect(used.structuredContent).toMatchObject({
        totals: { calls: expect.any(Number), charge_usd: expect.any(Number) },
        credit: { available_usd: expect.any(Number) },
        plan: expect.any(String),
      });
      await client.close();
    }
  });

  it('list the local models and find their own documentation', async () => {
    const client = await modernClient();
    const models = await client.callTool({ name: 'list_models', arguments: { provider: 'local' } });
    expect(JSON.stringify(models.structuredContent)).toContain('local/scribe');
    const found = await client.callTool({
      name: 'search_documentation',
      arguments: { query: 'add to Claude Code' },
    });
    expect(JSON.stringify(found.structuredContent)).toContain('claude mcp add');
    await client.close();
  });
});

describe('the door of the running server', () => {
  const post = (headers: Record<string, string>) =>
    fetch(inject('mcpUrl'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });

  it('challenges a caller without a key, and one with a wrong key', async () => {
    const bare = await post({});
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="parallax", resource_metadata="[^"]+", scope="[^"]+"$/,
    );
    const wrong = await post({ authorization: 'Bearer plx_sk_wrong' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('refuses a page of another origin even with the key', async () => {
    const response = await post({
      authorization: `Bearer ${inject('apiKey')}`,
      origin: 'https://evil.example',
    });
    expect(response.status).toBe(403);
  });
});
