import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configFor, isMissingWorker, isQueueThere, queueNames } from './deploy-config.ts';

describe('deploying', () => {
  it('puts the account’s ids in place of the local ones, and nothing else', () => {
    const local = readFileSync('wrangler.toml', 'utf8');
    const namespace = 'abcdefabcdefabcdefabcdefabcdefab';
    const deployed = configFor(local, '11111111-2222-3333-4444-555555555555', namespace);
    expect(deployed).toContain('database_id = "11111111-2222-3333-4444-555555555555"');
    expect(
      deployed
        .replaceAll('11111111-2222-3333-4444-555555555555', '00000000-0000-0000-0000-000000000000')
        .replaceAll(namespace, '00000000000000000000000000000000'),
    ).toBe(local);
    expect(() => configFor(deployed, 'x', namespace)).toThrow('placeholder');
  });

  it('takes only the answer that there is no such Worker for a first deployment', () => {
    expect(
      isMissingWorker(
        'A request to the Cloudflare API failed.\n  This Worker does not exist on your account. [code: 10007]',
      ),
    ).toBe(true);
    const said =
      'Worker "parallax" (env: production) not found.\n\nIf this is a new Worker, run `wrangler deploy` first to create it.';
    expect(isMissingWorker(said)).toBe(true);
    expect(isMissingWorker('Authentication error [code: 10000]')).toBe(false);
    expect(isMissingWorker('fetch failed')).toBe(false);
    expect(isMissingWorker('')).toBe(false);
  });

  it('makes every queue that the deployment names, and takes only its being there for no failure', () => {
    expect(queueNames(readFileSync('wrangler.toml', 'utf8'))).toEqual([
      'parallax-usage',
      'parallax-usage-dead',
      'parallax-audit',
      'parallax-audit-dead',
      'parallax-stripe',
      'parallax-stripe-dead',
      'parallax-ledger',
      'parallax-ledger-dead',
      'parallax-outgoing',
      'parallax-outgoing-dead',
    ]);
    expect(isQueueThere("Queue name 'parallax-usage' is already taken. [code: 11009]")).toBe(true);
    expect(isQueueThere('Authentication error [code: 10000]')).toBe(false);
    expect(isQueueThere('')).toBe(false);
  });
});
