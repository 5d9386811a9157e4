import { describe, expect, it } from 'vitest';
import type { KeyRecord } from '../../src/features/identity/index.ts';
import { admitKey, KEY_LEASE_MS, lendKey, MAX_LIVE_KEYS } from './logic.ts';

const NOW = 1_790_000_000_000;
const key: KeyRecord = {
  id: 'key_1',
  hash: 'a'.repeat(64),
  tenantId: 'ten_1',
  userId: 'usr_1',
  name: 'One',
  kind: 'secret',
  prefix: 'plx_sk_Abcd',
  last4: 'wxyz',
  scopes: ['models'],
  createdAt: NOW - 1_000,
  cacheMaxAgeS: null,
  expiresAt: null,
  revokedAt: null,
  rateLimit: null,
  monthlyLimitNano: null,
  allowedOrigins: [],
  lastUsedAt: null,
  lastUsedCountry: null,
  replacedBy: null,
  familyId: 'key_1',
  version: 0,
};

describe('lending a key', () => {
  it('gives who it acts for and what it may do, for five seconds', () => {
    expect(lendKey(key, 'owner', NOW)).toEqual({
      keyId: 'key_1',
      familyId: 'key_1',
      tenantId: 'ten_1',
      userId: 'usr_1',
      role: 'owner',
      kind: 'secret',
      scopes: ['models'],
      cacheMaxAgeS: null,
      expiresAt: null,
      spendLimited: false,
      allowedOrigins: [],
      leaseMs: 5_000,
    });
    expect(KEY_LEASE_MS).toBe(5_000);
  });

  it('refuses a key that is not known', () => {
    expect(() => lendKey(undefined, 'owner', NOW)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', details: { reason: 'unknown' } }),
    );
  });

  it('refuses a key whose user is no member any more, and gives the others the member’s role', () => {
    expect(() => lendKey(key, null, NOW)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', details: { reason: 'not_a_member' } }),
    );
    expect(lendKey(key, 'viewer', NOW).role).toBe('viewer');
  });

  it('refuses a revoked key and says since when', () => {
    expect(() => lendKey({ ...key, revokedAt: NOW }, 'owner', NOW)).toThrow(
      expect.objectContaining({
        details: { reason: 'revoked' },
        message: expect.stringContaining(new Date(NOW).toISOString()),
      }),
    );
  });

  it('refuses a key from the very millisecond that it expires', () => {
    expect(lendKey({ ...key, expiresAt: NOW + 1 }, 'owner', NOW).expiresAt).toBe(NOW + 1);
    expect(() => lendKey({ ...key, expiresAt: NOW }, 'owner', NOW)).toThrow(
      expect.objectContaining({ details: { reason: 'expired' } }),
    );
  });

  it('says of a key that is both revoked and expired that it was revoked', () => {
    expect(() => lendKey({ ...key, revokedAt: NOW, expiresAt: NOW - 1 }, 'owner', NOW)).toThrow(
      expect.objectContaining({ details: { reason: 'revoked' } }),
    );
  });
});

describe('admitting a new key', () => {
  it('writes a key that is not there', () => {
    expect(admitKey(undefined, 0, key)).toBe(true);
  });

  it('leaves a key that is there as it stands, so that a retry never brings a revoked one back', () => {
    expect(admitKey({ ...key, revokedAt: NOW }, 1, key)).toBe(false);
    expect(admitKey(key, MAX_LIVE_KEYS, key)).toBe(false);
  });

  it('refuses another key under the same id', () => {
    expect(() => admitKey({ ...key, hash: 'b'.repeat(64) }, 1, key)).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
  });

  it('refuses more live keys than there can be', () => {
    expect(admitKey(undefined, MAX_LIVE_KEYS - 1, key)).toBe(true);
    expect(() => admitKey(undefined, MAX_LIVE_KEYS, key)).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
  });
});
