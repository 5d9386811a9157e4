import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Client, newTenant } from './client.ts';

declare module 'vitest' {
  interface ProvidedContext {
    localModelsUrl: string;
  }
}

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

interface Statistics {
  openRequests: number;
  abortedTotal: number;
  aborted: { model: string }[];
  last: { swift?: { body: string }[]; silent?: { body: string }[] };
}

/** What the local model server has seen. */
async function statistics(): Promise<Statistics> {
  return (await fetch(new URL('/_stats', inject('localModelsUrl')))).json();
}

const abortedSilent = async () =>
  (await statistics()).aborted.filter(({ model }) => model.endsWith('silent')).length;

describe('a cancelled run', () => {
  it('ends the calls of every group at the provider', async () => {
    const before = await abortedSilent();
    const { response, events } = await client.stream({
      prompt: 'Is anyone in any of the groups?',
      models: Array.from({ length: 12 }, () => 'local/silent'),
    });
    await events.next();
    const id = response.headers.get('x-run-id') ?? '';
    await expect
      .poll(
        async () =>
          (await statistics()).last.silent?.filter(({ body }) => body.includes('any of the groups')).length ??
          0,
      )
      .toBeGreaterThanOrEqual(10);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.fetch(`/v1/perspectives/${id}/cancel`, { body: {} });
    await expect.poll(async () => (await abortedSilent()) - before, { timeout: 3000 }).toBe(12);
  });

  it('ends a stream of a further group in the middle of its answer', async () => {
    const before = (await statistics()).aborted.filter(({ model }) => model.endsWith('slow')).length;
    const { response, events } = await client.stream({
      prompt: 'Describe a wall, in 500 words',
      models: Array.from({ length: 7 }, () => 'local/slow'),
      max_tokens: 2000,
    });
    const begun = new Set<number>();
    for await (const { event } of events) {
      if (event.type === 'perspective.delta') begun.add(event.index);
      if (begun.size === 7) break;
    }
    await client.fetch(`/v1/perspectives/${response.headers.get('x-run-id')}/cancel`, { body: {} });
    await expect
      .poll(
        async () =>
          (await statistics()).aborted.filter(({ model }) => model.endsWith('slow')).length - before,
        { timeout: 3000 },
      )
      .toBe(7);
  });
});

describe('what a model is asked for', () => {
  it('is never more tokens than it can give', async () => {
    const prompt = `Write as much as you like ${crypto.randomUUID()}`;
    const run = await client.run({ prompt, models: ['local/swift'], max_tokens: 900_000 });
    expect(run.status).toBe('completed');
    const sent = (await statistics()).last.swift?.find(({ body }) => body.includes(prompt))?.body ?? '{}';
    const body = JSON.parse(sent) as { max_tokens?: number; max_completion_tokens?: number };
    expect(body.max_completion_tokens ?? body.max_tokens).toBe(32_000);
  });

  it('is kept up to a bound when it sends without end, and the call is stopped', async () => {
    const run = await client.run({ prompt: '[[sse-line:3000000]]', models: ['local/swift'] });
    const [perspective] = run.perspectives;
    expect(perspective).toMatchObject({
      status: 'failed',
      error: { code: 'answer_too_long', retryable: false },
    });
    expect(perspective?.content.length).toBe(1_000_000);
  });
});

describe('a chain of follow-ups', () => {
  it('carries long answers on within a bound', async () => {
    const prompt = `[[say:${'All of this was said before. '.repeat(6000)}]]`;
    const first = await client.run({ prompt, models: ['local/swift', 'local/sage'], max_tokens: 32_000 });
    const second = await client.run({
      prompt: 'And then?',
      models: ['local/swift'],
      continue_from: first.id,
    });
    expect(first.perspectives[0]?.content.length).toBeGreaterThan(100_000);
    expect(second.status).toBe('completed');
    expect(second.perspectives[0]?.usage.input_tokens).toBeLessThan(40_000);
    expect(second.perspectives[0]?.usage.input_tokens).toBeGreaterThan(20_000);
  });
});
