import { describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { readConfig } from '../../platform/config.ts';
import { newId } from '../../platform/ids.ts';
import { authenticate, isOperator } from './authenticate.ts';
import { KEY_SECRET_BYTES, writeKeyText } from './key-text.ts';
import { importSecrets } from './signing-secrets.ts';
import type { IdentityEnv } from './user-limiter.ts';

const OPERATOR_TOKEN = 'the-operator-token-of-this-deployment';
const config = readConfig(
  { ENVIRONMENT: 'test', KEY_SIGNING_SECRET: 'a-signing-secret-of-32-characters-or-so', OPERATOR_TOKEN },
  [],
);

/** Bindings that cannot be touched: reaching for one fails the test. */
const untouchable = new Proxy({} as IdentityEnv, {
  get(_target, name) {
    throw new Error(`touched ${String(name)}`);
  },
});

const foreign = await importSecrets('a-signing-secret-of-another-deployment');
const forged = await writeKeyText(foreign, 'secret', newId('user'), new Uint8Array(KEY_SECRET_BYTES));
const own = await importSecrets(config.keySigningSecret);
const genuine = await writeKeyText(own, 'secret', newId('user'), new Uint8Array(KEY_SECRET_BYTES));
const publishable = await writeKeyText(own, 'publishable', newId('user'), new Uint8Array(KEY_SECRET_BYTES));

const ask = (headers: Record<string, string>) =>
  authenticate(new Headers(headers), untouchable, config, systemClock);

describe('a credential that is refused at the edge, without touching storage', () => {
  it.each([
    ['no header at all', {}, 'missing', 'No API key was sent'],
    ['an empty x-api-key', { 'x-api-key': '  ' }, 'missing', 'No API key was sent'],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }, 'other_scheme', 'Bearer plx_sk_'],
    ['Bearer and nothing', { authorization: 'Bearer' }, 'other_scheme', 'Bearer plx_sk_'],
    ['two words after Bearer', { authorization: `Bearer ${genuine} x` }, 'other_scheme', 'Bearer plx_sk_'],
    ['a key of another service', { authorization: 'Bearer sk-proj-abc' }, 'malformed', '71 characters'],
    ['a key cut short', { authorization: `Bearer ${genuine.slice(0, -3)}` }, 'malformed', 'copied whole'],
    ['a key sent twice', { 'x-api-key': `${genuine}, ${genuine}` }, 'malformed', 'copied whole'],
    ['a publishable key', { authorization: `Bearer ${publishable}` }, 'publishable', 'widget alone'],
    ['a forged key', { authorization: `Bearer ${forged}` }, 'unknown', 'not known here'],
    ['a forged key in x-api-key', { 'x-api-key': forged }, 'unknown', 'not known here'],
    [
      'the operator’s token',
      { authorization: `Bearer ${OPERATOR_TOKEN}` },
      'malformed',
      'not a Parallax API key',
    ],
  ])('%s', async (_what, headers: Record<string, string>, reason, words) => {
    await expect(ask(headers)).rejects.toMatchObject({
      code: 'unauthenticated',
      details: { reason },
      message: expect.stringContaining(words),
    });
  });

  it('is never shown in the refusal', async () => {
    const error: unknown = await ask({ authorization: `Bearer ${forged}` }).catch(
      (thrown: unknown) => thrown,
    );
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(forged.slice(11, -4));
  });
});

describe('a credential that may be genuine', () => {
  it('is asked after at its owner’s limiter', async () => {
    await expect(ask({ authorization: `Bearer ${genuine}` })).rejects.toThrow('touched USER_LIMITER');
    await expect(ask({ authorization: `bearer  ${genuine}` })).rejects.toThrow('touched USER_LIMITER');
    await expect(ask({ 'x-api-key': genuine })).rejects.toThrow('touched USER_LIMITER');
  });

  it('is the one of ours when a client sends another service’s key beside it', async () => {
    const other = 'sk-ant-api03-abcdef';
    await expect(ask({ authorization: `Bearer ${other}`, 'x-api-key': genuine })).rejects.toThrow('touched');
    await expect(ask({ authorization: `Bearer ${genuine}`, 'x-api-key': other })).rejects.toThrow('touched');
  });
});

describe('the operator', () => {
  const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

  it('is who sends the deployment’s token as bearer', async () => {
    expect(await isOperator(bearer(OPERATOR_TOKEN), config)).toBe(true);
    expect(await isOperator(bearer(`${OPERATOR_TOKEN}x`), config)).toBe(false);
    expect(await isOperator(bearer(OPERATOR_TOKEN.slice(0, -1)), config)).toBe(false);
    expect(await isOperator(new Headers({ 'x-api-key': OPERATOR_TOKEN }), config)).toBe(false);
    expect(await isOperator(new Headers(), config)).toBe(false);
  });

  it('is nobody where the deployment has no token', async () => {
    const closed = { ...config, operatorToken: undefined };
    expect(await isOperator(bearer(OPERATOR_TOKEN), closed)).toBe(false);
    expect(await isOperator(bearer('undefined'), closed)).toBe(false);
    expect(await isOperator(new Headers({ authorization: 'Bearer ' }), closed)).toBe(false);
  });
});
