import { describe, expect, it } from 'vitest';
import { Client, newTenant, OPERATOR_TOKEN } from './client.ts';

/** What `TENANT_CREDIT_USD` gives each tenant when it is not set, nano-dollars. */
const OPENING = 100e9;

const operator = (tenantId: string) => {
  const client = new Client(OPERATOR_TOKEN, tenantId);
  return {
    change: (body: object, key?: string) =>
      client.fetch(`/v1/operator/tenants/${tenantId}/credits`, {
        body,
        ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
      }),
    unlimited: (unlimited: boolean) =>
      client.fetch(`/v1/operator/tenants/${tenantId}/unlimited`, { method: 'PUT', body: { unlimited } }),
  };
};

describe('GET /v1/credits', () => {
  it('says what there is, in dollars and exactly, and where it came from', async () => {
    const client = await newTenant();
    const response = await client.fetch('/v1/credits');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      object: 'credits',
      balance_usd: 100,
      balance_nano_usd: OPENING,
      available_usd: 100,
      available_nano_usd: OPENING,
      reserved_usd: 0,
      reserved_nano_usd: 0,
      owed_usd: 0,
      owed_nano_usd: 0,
      unlimited: false,
      buckets: [
        {
          id: 'opening',
          kind: 'promotional',
          left_usd: 100,
          left_nano_usd: OPENING,
          expires_at: null,
        },
      ],
    });
  });
});

describe('GET /v1/credits/transactions', () => {
  it('is paged from the newest, without a gap and without another tenant’s', async () => {
    const [client, other] = await Promise.all([newTenant(), newTenant()]);
    for (let n = 1; n <= 4; n++)
      await operator(client.tenantId).change({ amount_nano_usd: n, reason: `Gift ${n}` });
    await operator(other.tenantId).change({ amount_nano_usd: 7, reason: 'Not theirs' });
    const seen: { number: number; amount_nano_usd: number; balance_after_nano_usd: number }[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await client.fetch(`/v1/credits/transactions?limit=2${query}`);
      const page: { data: typeof seen; next_cursor: string | null } = await response.json();
      seen.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(seen.map(({ number, amount_nano_usd }) => [number, amount_nano_usd])).toEqual([
      [5, 4],
      [4, 3],
      [3, 2],
      [2, 1],
      [1, OPENING],
    ]);
    expect(seen[0]?.balance_after_nano_usd).toBe(OPENING + 10);
  });

  it.each(['0', '-1', '1e3', 'x', '1; DROP TABLE'])('refuses the cursor "%s"', async (cursor) => {
    const client = await newTenant();
    const response = await client.fetch(`/v1/credits/transactions?cursor=${encodeURIComponent(cursor)}`);
    expect(response.status).toBe(422);
  });
});

describe('an operator’s change of a tenant’s credit', () => {
  it('is made once for an idempotency key, and refused for another change under the same', async () => {
    const client = await newTenant();
    const { change } = operator(client.tenantId);
    const gift = { amount_nano_usd: 5e9, kind: 'bonus', reason: 'Thank you' };
    const first = await change(gift, 'gift-1');
    expect(first.status).toBe(201);
    expect(await (await change(gift, 'gift-1')).json()).toEqual(await first.json());
    expect((await change({ ...gift, amount_nano_usd: 6e9 }, 'gift-1')).status).toBe(422);
    expect(await (await client.fetch('/v1/credits')).json()).toMatchObject({ balance_nano_usd: 105e9 });
  });

  it('takes credit away, but no more than is available', async () => {
    const client = await newTenant();
    const { change } = operator(client.tenantId);
    const refused = await change({ amount_nano_usd: -OPENING - 1, reason: 'Too much' });
    expect(refused.status).toBe(402);
    expect(await refused.json()).toMatchObject({ available_nano_usd: OPENING });
    expect((await change({ amount_nano_usd: -OPENING, reason: 'Correction' })).status).toBe(201);
    expect(await (await client.fetch('/v1/credits')).json()).toMatchObject({ balance_usd: 0, buckets: [] });
  });

  it.each([0, 0.5, '5', 1e16, null])('of %s is refused', async (amount) => {
    const client = await newTenant();
    const response = await operator(client.tenantId).change({ amount_nano_usd: amount, reason: 'x' });
    expect(response.status).toBe(422);
  });

  it('for a tenant that does not exist opens no ledger', async () => {
    const response = await operator('ten_00000000000000000000000000').change({
      amount_nano_usd: 1,
      reason: 'x',
    });
    expect(response.status).toBe(404);
  });

  it('is the operator’s alone', async () => {
    const client = await newTenant();
    const path = `/v1/operator/tenants/${client.tenantId}/credits`;
    expect((await client.fetch(path, { body: { amount_nano_usd: 1, reason: 'x' } })).status).toBe(401);
  });

  it('marks a tenant as unlimited, and takes the mark off', async () => {
    const client = await newTenant();
    const { unlimited } = operator(client.tenantId);
    expect(await (await unlimited(true)).json()).toMatchObject({
      unlimited: true,
      balance_nano_usd: OPENING,
    });
    expect(await (await unlimited(false)).json()).toMatchObject({ unlimited: false, available_usd: 100 });
  });
});
