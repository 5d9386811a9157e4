import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../platform/config.ts';
import { accountSecretsOf } from './account-secrets.ts';
import { type MailedContent, readMailedToken, writeMailedToken } from './mailed-token.ts';
import { genuineToken } from './session-cookie.ts';

const secretsFor = (secret: string) =>
  accountSecretsOf(readConfig({ ENVIRONMENT: 'test', KEY_SIGNING_SECRET: secret }, []));
const OLD = 'an-old-signing-secret-of-32-characters';
const NEW = 'a-new-signing-secret-of-32-characters!';
const NOW = 1_800_000_000_000;
const content: MailedContent = {
  purpose: 'verify',
  userId: 'usr_01',
  email: 'ada@example.com',
  expiresAt: NOW + 60_000,
};

describe('a mailed link', () => {
  it('works until its time is over', async () => {
    const secrets = await secretsFor(OLD);
    const token = await writeMailedToken(secrets, content);
    expect(await readMailedToken(secrets, token, NOW)).toEqual(content);
    expect(await readMailedToken(secrets, token, NOW + 60_000)).toBeNull();
  });

  it('goes on working while its secret is listed, and not after', async () => {
    const token = await writeMailedToken(await secretsFor(OLD), content);
    expect(await readMailedToken(await secretsFor(`2:${NEW},1:${OLD}`), token, NOW)).toEqual(content);
    expect(await readMailedToken(await secretsFor(`2:${NEW}`), token, NOW)).toBeNull();
  });

  it('cannot be forged: no changed character of it is let through', async () => {
    const secrets = await secretsFor(OLD);
    const token = await writeMailedToken(secrets, content);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: token.length - 2 }),
        fc.constantFrom(...'AZaz09-_.'),
        async (at, other) => {
          fc.pre(token.charAt(at) !== other);
          const forged = token.slice(0, at) + other + token.slice(at + 1);
          expect(await readMailedToken(secrets, forged, NOW)).toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is no cookie, though the same secret tags both', async () => {
    const secrets = await secretsFor(OLD);
    const token = await writeMailedToken(secrets, content);
    expect(await genuineToken(encodeURIComponent(token), secrets)).toBeNull();
  });
});
