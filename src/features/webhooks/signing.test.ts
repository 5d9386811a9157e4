import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { newSigningSecret, signedHeaders } from './signing.ts';

const body = JSON.stringify({ type: 'webhook.test', text: 'Grüße 👋' });

describe('what is posted', () => {
  it('is accepted by the library of Standard Webhooks under each of the secrets that sign it', async () => {
    const secrets = [newSigningSecret(), newSigningSecret()];
    const headers = await signedHeaders({ id: 'evt_1', body, now: Date.now() }, secrets);
    for (const secret of secrets)
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'webhook.test' });
  });

  it('is refused when it was changed, is old, or is signed by another', async () => {
    const secret = newSigningSecret();
    const headers = await signedHeaders({ id: 'evt_1', body, now: Date.now() }, [secret]);
    const verify =
      (text: string, given: Record<string, string>, by = secret) =>
      () =>
        new Webhook(by).verify(text, given);
    expect(verify(body, headers)).not.toThrow();
    expect(verify(`${body} `, headers)).toThrow();
    expect(verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
    expect(verify(body, headers, newSigningSecret())).toThrow();
    const old = await signedHeaders({ id: 'evt_1', body, now: Date.now() - 3_600_000 }, [secret]);
    expect(verify(body, old)).toThrow();
  });

  it('is signed with secrets of 24 random bytes, each its own', () => {
    const secrets = Array.from({ length: 20 }, newSigningSecret);
    for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(new Set(secrets).size).toBe(20);
  });
});
