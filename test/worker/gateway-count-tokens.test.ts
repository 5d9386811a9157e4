import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant } from './client.ts';
import { ask, type Json } from './gateway-client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const hello = { model: 'local/sage', messages: [{ role: 'user', content: 'Hello, world' }] };

async function count(body: object): Promise<number> {
  const response = await client.fetch('/v1/messages/count_tokens', { body });
  expect(response.status).toBe(200);
  return (await response.json<Json>()).input_tokens;
}

describe('the input of a message', () => {
  it('is estimated near what a model counts, and grows with all that a model reads', async () => {
    const text = 'The sea is never the same blue twice, and nobody who lives by it would say so. '.repeat(40);
    const messages = [{ role: 'user', content: text }];
    const estimate = await count({ model: 'local/sage', messages });
    const answer = await ask(client, 'messages', 'local/sage', text, { body: { max_tokens: 16 } });
    const { usage } = await answer.json<Json>();
    expect(Math.abs(estimate - usage.input_tokens) / usage.input_tokens).toBeLessThan(0.2);

    const plain = await count(hello);
    expect(await count({ ...hello, system: 'Be brief, and say so.' })).toBeGreaterThan(plain);
    const tools = [{ name: 'look', description: 'Looks around', input_schema: { type: 'object' } }];
    expect(await count({ ...hello, tools })).toBeGreaterThan(plain);
    const image = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(9_000) },
    };
    const pictured = await count({ ...hello, messages: [{ role: 'user', content: [image] }] });
    expect(pictured).toBeGreaterThan(1_500);
    expect(pictured).toBeLessThan(2_000);
  });

  it('does not depend on what no model reads, nor on the model, and needs no bound', async () => {
    const plain = await count(hello);
    expect(await count({ ...hello, model: 'auto' })).toBe(plain);
    expect(await count({ ...hello, metadata: { user_id: 'someone' }, max_tokens: 5 })).toBe(plain);
    expect(await count({ ...hello, provider: { only: ['local'] } })).toBe(plain);
  });

  it('is not estimated for a body without messages, and the error is Anthropic’s', async () => {
    const response = await client.fetch('/v1/messages/count_tokens', { body: { model: 'local/sage' } });
    expect(response.status).toBe(400);
    expect(await response.json<Json>()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: '`messages` must be an array.' },
      request_id: response.headers.get('request-id'),
    });
  });
});
