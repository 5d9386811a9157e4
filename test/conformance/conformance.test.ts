import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { LocalServer } from '../../scripts/local/server.ts';
import baseline from './baseline.json' with { type: 'json' };
import { startFixtureServer } from './fixture-server.ts';
import { type BearerProxy, startBearerProxy } from './proxy.ts';
import { runSuite, type ScenarioOutcome } from './suite.ts';

interface Expected {
  /** How many scenarios pass: a suite that shrinks without a word would make few failures look good. */
  readonly passing: number;
  readonly failing: Readonly<Record<string, string>>;
  /** Nothing fails, but something only warns or nothing could be checked. */
  readonly unproven: Readonly<Record<string, string>>;
}

const expectations: Readonly<Record<'product' | 'fixtures', Record<string, Expected>>> = baseline;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parallax-conformance-'));
});

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe('the MCP conformance suite against the application', () => {
  let proxy: BearerProxy;

  beforeAll(async () => {
    proxy = await startBearerProxy(inject('mcpUrl'), inject('apiKey'));
  });

  afterAll(() => proxy?.close());

  asTheBaselineSays('product', () => proxy.url);
});

describe('the MCP conformance suite against its own fixtures, served as the application serves its tools', () => {
  let server: LocalServer;
  let proxy: BearerProxy;

  beforeAll(async () => {
    server = await startFixtureServer(join(folder, 'server'));
    proxy = await startBearerProxy(server.mcpUrl, server.apiKey);
  });

  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });

  asTheBaselineSays('fixtures', () => proxy.url);
});

function asTheBaselineSays(section: keyof typeof expectations, url: () => string): void {
  it.each(Object.entries(expectations[section]))(
    'passes the scenarios of %s but those that the baseline explains',
    async (revision, { passing, failing, unproven }) => {
      const outcomes = [...(await runSuite(url(), revision, join(folder, section, revision)))];
      const those = (verdict: ReturnType<typeof verdictOf>) =>
        Object.fromEntries(outcomes.filter(([, outcome]) => verdictOf(outcome) === verdict));
      for (const [verdict, explained] of [
        ['failed', failing],
        ['unproven', unproven],
      ] as const) {
        const found = those(verdict);
        expect(Object.keys(found).sort(), JSON.stringify(found, null, 1)).toEqual(
          Object.keys(explained).sort(),
        );
      }
      expect(Object.keys(those('passed'))).toHaveLength(passing);
    },
  );

  it('has a reason for each scenario that does not pass', () => {
    for (const { failing, unproven } of Object.values(expectations[section]))
      for (const reason of Object.values({ ...failing, ...unproven }))
        expect(reason.length).toBeGreaterThan(20);
  });
}

function verdictOf({ passed, failures, warnings }: ScenarioOutcome): 'passed' | 'failed' | 'unproven' {
  if (failures.length > 0) return 'failed';
  return passed > 0 && warnings.length === 0 ? 'passed' : 'unproven';
}
