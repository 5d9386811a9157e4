import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import baseline from './baseline.json' with { type: 'json' };
import { type BearerProxy, startBearerProxy } from './proxy.ts';
import { runSuite } from './suite.ts';

let proxy: BearerProxy;
let folder: string;

beforeAll(async () => {
  proxy = await startBearerProxy(inject('mcpUrl'), inject('apiKey'));
  folder = await mkdtemp(join(tmpdir(), 'parallax-conformance-'));
});

afterAll(async () => {
  await proxy?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe.each(Object.entries(baseline))(
  'the MCP conformance suite of %s',
  (revision, { minimum, failing }) => {
    it('fails exactly in the scenarios that the baseline explains', async () => {
      const outcomes = await runSuite(proxy.url, revision, join(folder, revision));
      const failures = Object.fromEntries([...outcomes].filter(([, { failures }]) => failures.length > 0));
      expect(Object.keys(failures).sort(), JSON.stringify(failures, null, 1)).toEqual(
        Object.keys(failing).sort(),
      );
      // A suite that shrinks without a word would make an empty list of failures look good.
      const passed = [...outcomes.values()].filter(({ failures }) => failures.length === 0).length;
      expect(passed).toBeGreaterThanOrEqual(minimum);
    });

    it('has a reason for each scenario that fails', () => {
      for (const reason of Object.values(failing)) expect(reason.length).toBeGreaterThan(20);
    });
  },
);
