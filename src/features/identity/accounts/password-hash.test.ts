import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password-hash.ts';

describe('the hash of a password', () => {
  it('is opened by that password alone, however its letters are written', async () => {
    const hash = await hashPassword('Grüße aus Köln');
    expect(hash).toMatch(/^scrypt\$16384\$16\$1\$/);
    expect(await verifyPassword({ hash, password: 'Grüße aus Köln' })).toBe(true);
    expect(await verifyPassword({ hash, password: 'Gru\u0308ße aus Ko\u0308ln' })).toBe(true);
    for (const password of ['Grüße aus Koln', 'grüße aus köln', ''])
      expect(await verifyPassword({ hash, password })).toBe(false);
  });

  it('is another one each time', async () => {
    expect(await hashPassword('the same')).not.toBe(await hashPassword('the same'));
  });

  it('is of no use when it is no hash of ours', async () => {
    for (const hash of ['', 'scrypt$$$', 'plain text', 'scrypt$16384$16$1$AAAA', 'scrypt$x$16$1$AAAA$AAAA'])
      expect(await verifyPassword({ hash, password: 'any' })).toBe(false);
  });
});

describe('a flood of sign-ins that wants to wear the service down', () => {
  it('is told to come back, beyond what an isolate can hash; the others are served', async () => {
    const all = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => hashPassword(`password ${i}`)));
    const refused = all.filter((one) => one.status === 'rejected');
    const served = all.length - refused.length;
    expect(served).toBeGreaterThanOrEqual(2);
    expect(served).toBeLessThanOrEqual(34);
    for (const { reason } of refused as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'unavailable', retryAfterMs: 2_000 });
    // The places are free again.
    expect(await hashPassword('afterwards')).toContain('scrypt$');
  }, 30_000);
});
