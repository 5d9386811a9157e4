import { describe, expect, it } from 'vitest';
import { Client, newTenant } from '../worker/client.ts';
import { ask, type Json, putModel } from '../worker/gateway-client.ts';

interface KeyAnswer {
  readonly id: string;
  readonly key: string;
  readonly monthly_limit_usd: number | null;
}

async function made(by: Client, body: object): Promise<KeyAnswer & { client: Client }> {
  const response = await by.fetch('/v1/api-keys', { body: { name: 'Key', ...body } });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  const key = await response.json<KeyAnswer>();
  return { ...key, client: new Client(key.key, by.tenantId) };
}

const codeOf = async (response: Response) => {
  const body: Json = await response.json();
  return `${response.status} ${body.error?.code ?? body.code ?? 'ok'}`;
};

describe('a key with a monthly limit', () => {
  it('spends that much and no more, also after a rotation, while others spend on', async () => {
    await putModel('openai/priced', {
      upstream_name: 'swift',
      pricing: { input: 0, output: 0, request: 0.004 },
      category: 'chat',
    });
    const owner = await newTenant();
    const { client, id } = await made(owner, { monthly_limit_usd: 0.01 });
    for (let i = 0; i < 2; i++) expect((await ask(client, 'chat', 'openai/priced', 'Hi')).status).toBe(200);
    const refused = await ask(client, 'chat', 'openai/priced', 'Hi');
    expect(await codeOf(refused)).toBe('402 insufficient_credit');
    const rotated = await (
      await client.fetch(`/v1/api-keys/${id}/rotate`, { body: { overlap_seconds: 60 } })
    ).json<KeyAnswer>();
    expect(rotated.monthly_limit_usd).toBe(0.01);
    const next = new Client(rotated.key, owner.tenantId);
    expect((await ask(next, 'chat', 'openai/priced', 'Hi')).status).toBe(402);
    expect((await ask(owner, 'chat', 'openai/priced', 'Hi')).status).toBe(200);
    // What calls cost is reported within a second or so, and then everybody can read it.
    const spent = async () =>
      (await (await client.fetch('/v1/me')).json<Json>()).limits.key.spent_usd as number;
    for (let i = 0; i < 60 && (await spent()) < 0.0088; i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await spent()).toBe(0.0088);
  });
});
