import { describe, expect, it } from 'vitest';
import { requireLocal } from './local-only.ts';
import { addressKey, deviceOf } from './place.ts';
import { riskOf } from './risk.ts';

describe('the device that a User-Agent tells of', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    [
      'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    ['curl/8.14.1', 'curl'],
    ['', 'Unknown device'],
    [null, 'Unknown device'],
  ])('%s', (userAgent, device) => {
    expect(deviceOf(userAgent)).toBe(device);
  });
});

describe('the risk of a sign-in', () => {
  const familiar = {
    signIns: 3,
    fingerprints: new Set(['home']),
    countries: new Set(['DE']),
    failures: 0,
  };

  it('is none from where one always signs in', () => {
    expect(riskOf({ fingerprint: 'home', country: 'DE' }, familiar)).toEqual({ score: 0, ask: null });
  });

  it('asks for more from a new device or country, and says which', () => {
    expect(riskOf({ fingerprint: 'new', country: 'DE' }, familiar)).toEqual({ score: 50, ask: 'new_device' });
    expect(riskOf({ fingerprint: 'home', country: 'BR' }, familiar)).toEqual({
      score: 60,
      ask: 'new_country',
    });
    expect(riskOf({ fingerprint: 'new', country: 'BR' }, familiar)).toEqual({
      score: 100,
      ask: 'new_country',
    });
  });

  it('has nothing to compare with at the first sign-in, nor where the country is not known', () => {
    const stranger = {
      signIns: 0,
      fingerprints: new Set<string>(),
      countries: new Set<string>(),
      failures: 1,
    };
    expect(riskOf({ fingerprint: 'new', country: 'BR' }, stranger)).toEqual({ score: 4, ask: null });
    expect(riskOf({ fingerprint: 'home', country: null }, familiar).ask).toBeNull();
  });

  it('rises with failures but is never asked about for them alone: anybody can fail for somebody else', () => {
    expect(riskOf({ fingerprint: 'home', country: 'DE' }, { ...familiar, failures: 100 })).toEqual({
      score: 20,
      ask: null,
    });
  });
});

describe('the address that requests are counted by', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('%s is %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });

  it('is the same for all addresses of one customer, who could use another one for each guess', () => {
    const keys = Array.from({ length: 20 }, (_, i) => addressKey(`2001:db8:1:2:${i}:${i}::${i}`));
    expect(new Set(keys).size).toBe(1);
  });
});

describe('the mailbox of a local deployment', () => {
  it.each([
    ['production', 'http://localhost:8787/', false],
    ['dev', 'https://parallax.example.com/', false],
    ['dev', 'https://localhost.example.com/', false],
    ['dev', 'http://127.0.0.1.example.com/', false],
    ['dev', 'http://localhost:8787/', true],
    ['dev', 'http://127.0.0.1:8787/', true],
    ['dev', 'http://[::1]:8787/', true],
  ] as const)('in %s at %s is there: %s', (environment, url, there) => {
    const ask = () => requireLocal({ environment }, url);
    if (there) expect(ask).not.toThrow();
    else expect(ask).toThrow('There is no such route.');
  });
});
