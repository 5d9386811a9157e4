import { describe, expect, it } from 'vitest';
import { legacyClient, modernClient, serve } from './in-process.ts';

describe('get_usage', () => {
  it.each([
    ['2025-11-25', legacyClient],
    ['2026-07-28', modernClient],
  ] as const)(
    'says what was used by each, what credit is left, and quotas, to a client of %s',
    async (_, connect) => {
      const client = await connect(serve());
      const result = await client.callTool({
        name: 'get_usage',
        arguments: { period: '7d', group_by: 'model' },
      });
      expect(result.structuredContent).toEqual({
        of: 'tenant',
        from: '2026-11-01T00:00:00.000Z',
        to: '2026-11-08T00:00:00.000Z',
        totals: {
          calls: 10,
          success_rate: 0.9,
          input_tokens: 1_000,
          output_tokens: 400,
          cost_usd: 0.0125,
          charge_usd: 0.0125,
        },
        groups: [
          expect.objectContaining({ name: 'one', calls: 6 }),
          expect.objectContaining({ name: null, calls: 2 }),
          expect.objectContaining({ name: 'other', calls: 2 }),
        ],
        credit: { available_usd: 4.5, reserved_usd: 0.5, owed_usd: 0, unlimited: false },
        plan: 'free',
        quotas: [{ id: 'messages', limit: 200, used: 50, remaining: 150 }],
        quotas_reset_at: '2026-12-01T00:00:00.000Z',
        budgets: [
          {
            name: 'Everything',
            period: 'monthly',
            limit_usd: 50,
            spent_usd: 12.5,
            remaining_usd: 37.5,
            hard: true,
            resets_at: '2026-12-01T00:00:00.000Z',
          },
        ],
      });
      const [content] = result.content as { text: string }[];
      expect(content?.text).toContain(
        'Everybody in the tenant, 2026-11-01 to 2026-11-08 (UTC): 10 calls (90 % succeeded), 1000 tokens in, 400 out, cost $0.0125, charged $0.0125',
      );
      expect(content?.text).toContain('Credit: $4.50 available, $0.50 held.');
      expect(content?.text).toContain('150 of 200 messages left');
      expect(content?.text).toContain(
        'Budget “Everything”, until 2026-12-01T00:00:00.000Z: $37.50 of $50.00 left; what does not fit is refused.',
      );
    },
  );

  it('gives the totals alone when it is not asked to group', async () => {
    const { structuredContent } = await (await modernClient(serve())).callTool({
      name: 'get_usage',
      arguments: {},
    });
    expect(structuredContent).toMatchObject({ totals: { calls: 10 }, groups: [] });
  });

  it('refuses a period and a group that there are not', async () => {
    const client = await legacyClient(serve());
    for (const wrong of [{ period: 'ever' }, { group_by: 'weather' }, { limit: 0 }, { user_id: 'usr_2' }])
      expect(await client.callTool({ name: 'get_usage', arguments: wrong })).toMatchObject({ isError: true });
  });

  it('is neither shown nor answered without the scope', async () => {
    const served = serve({ scopes: ['models'] });
    const client = await legacyClient(served);
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('get_usage');
    expect(await client.callTool({ name: 'get_usage', arguments: {} })).toMatchObject({
      isError: true,
      _meta: { 'parallax/error': { code: 'insufficient_scope', scope: 'usage:read' } },
    });
  });
});
