import { describe, expect, it } from 'vitest';
import { handlesWithoutTenant, type Import, reachesPastTheDatabase, violations } from './floors.ts';

const edge = (from: string, to: string, names: string[] = []): Import => ({
  from,
  to,
  names,
  typeOnly: false,
});
const reasons = (...imports: Import[]) => violations(imports).map((violation) => violation.reason);

describe('the floor check', () => {
  it('lets a slice import from floors under its own through their index', () => {
    expect(reasons(edge('src/features/perspectives/plan.ts', 'src/features/catalog/index.ts'))).toEqual([]);
    expect(reasons(edge('src/features/catalog/prices.ts', 'src/platform/money.ts'))).toEqual([]);
  });

  it('refuses an import that goes upward', () => {
    expect(reasons(edge('src/features/catalog/names.ts', 'src/features/perspectives/index.ts'))).toEqual([
      'catalog imports upward from perspectives',
    ]);
    expect(reasons(edge('src/platform/db.ts', 'src/features/catalog/index.ts'))).toEqual([
      'platform imports upward from catalog',
    ]);
    expect(reasons(edge('src/features/identity/keys.ts', 'durable-objects/user-limiter/object.ts'))).toEqual([
      'identity imports upward from top',
    ]);
  });

  it('refuses to reach into another slice past its index', () => {
    expect(reasons(edge('src/features/perspectives/ask.ts', 'src/features/providers/retry.ts'))).toEqual([
      'providers is reached only through its index.ts',
    ]);
  });

  it('refuses circles between slices of one floor', () => {
    const both = reasons(
      edge('src/features/catalog/a.ts', 'src/features/providers/index.ts'),
      edge('src/features/providers/b.ts', 'src/features/catalog/index.ts'),
    );
    expect(both).toContain('catalog and providers import each other');
  });

  it('refuses the database without a principal outside the platform’s own tables', () => {
    expect(reasons(edge('src/features/perspectives/x.ts', 'src/platform/db.ts', ['platformDb']))).toEqual([
      'perspectives must query through tenantDb, which takes the principal',
    ]);
    expect(
      reasons(edge('src/features/perspectives/x.ts', 'src/platform/db.ts', ['platformBatch'])),
    ).toHaveLength(1);
    expect(
      reasons(edge('src/features/routing/figures-store.ts', 'src/platform/db.ts', ['platformDb'])),
    ).toEqual([]);
    expect(
      reasons(edge('src/features/routing/tenant-store.ts', 'src/platform/db.ts', ['platformDb'])),
    ).toEqual(['routing must query through tenantDb, which takes the principal']);
  });

  it('refuses to take the whole module of the database there, under another name', () => {
    for (const name of ['', '*'])
      expect(reasons(edge('src/features/perspectives/x.ts', 'src/platform/db.ts', [name]))).toHaveLength(1);
    expect(reasons(edge('src/features/perspectives/x.ts', 'src/platform/db.ts', ['tenantDb']))).toEqual([]);
  });

  it.each([
    ['keeps it', 'const db = env.DB;'],
    ['takes it apart', 'const { DB } = env;'],
    ['gives it to a function that knows no tenant', 'await readEverything(env.DB, clock.now());'],
    ['gives it on as the last argument', 'await readEverything(context.env.DB);'],
    ['writes a function that takes no tenant', 'async function all(d1: D1Database, now: number) {}'],
    ['passes the handle on inside', 'async function all(d1: D1Database, principal: P) { f(d1, 3); }'],
  ])('refuses a slice that %s', (_, text) => {
    expect(handlesWithoutTenant('src/features/chat/x.ts', text)).not.toEqual([]);
    expect(handlesWithoutTenant('src/features/identity/x.ts', text)).toEqual([]);
  });

  it.each([
    'const rows = await tenantDb(env.DB, principal).select(runs, {});',
    'await tenantDb(this.env.DB, { tenantId }).delete(runs, undefined);',
    'await findEntries(c.env.DB, principal.tenantId, filters);',
    'export async function rows(d1: D1Database, { tenantId }: P) { return tenantDb(d1, { tenantId }); }',
    'export async function old(d1: D1Database, now: number) { await deleteOlder(d1, runs, runs.at, now); }',
    '// env.DB is mentioned in a comment',
  ])('lets pass %j', (text) => {
    expect(handlesWithoutTenant('src/features/chat/x.ts', text)).toEqual([]);
  });

  it('keeps the contracts free of the runtime', () => {
    expect(reasons(edge('src/contracts/models.ts', 'src/platform/money.ts'))).toEqual([
      'the contracts import nothing but zod and each other',
    ]);
  });

  it('refuses a query on the binding itself', () => {
    expect(
      reachesPastTheDatabase('src/features/catalog/load.ts', "await env.DB.prepare('SELECT 1').first()"),
    ).toBe(true);
    expect(reachesPastTheDatabase('src/features/catalog/load.ts', 'platformDb(env.DB)')).toBe(false);
    expect(reachesPastTheDatabase('src/app.ts', "c.env.DB.prepare('SELECT 1')")).toBe(false);
  });
});
