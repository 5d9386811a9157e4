import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusedAddress } from './address.ts';

const production = { allowLocal: false };
const development = { allowLocal: true };

/** The four bytes of an address in every notation that URL parsers take. */
function notations([a, b, c, d]: readonly [number, number, number, number]): string[] {
  const whole = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const hex = (n: number) => `0x${n.toString(16)}`;
  const octal = (n: number) => `0${n.toString(8)}`;
  const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  return [
    `${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c}.${d}.`,
    [a, b, c, d].map(hex).join('.'),
    [a, b, c, d].map(octal).join('.'),
    `${whole}`,
    hex(whole),
    octal(whole),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `[::ffff:${a}.${b}.${c}.${d}]`,
    `[::ffff:${groups}]`,
    `[0:0:0:0:0:ffff:${groups}]`,
    `[64:ff9b::${groups}]`,
    `[64:ff9b::${a}.${b}.${c}.${d}]`,
    `[2002:${groups}::1]`,
  ];
}

const byte = fc.nat(255);
const within = (a: fc.Arbitrary<number>, b: fc.Arbitrary<number> = byte, c: fc.Arbitrary<number> = byte) =>
  fc.tuple(a, b, c, byte);
const only = (n: number) => fc.constant(n);
const privateAddress = fc.oneof(
  within(only(0)),
  within(only(10)),
  within(only(127)),
  within(only(100), fc.integer({ min: 64, max: 127 })),
  within(only(169), only(254)),
  within(only(172), fc.integer({ min: 16, max: 31 })),
  within(only(192), only(168)),
  within(only(192), only(0), fc.constantFrom(0, 2)),
  within(only(198), fc.constantFrom(18, 19)),
  within(only(198), only(51), only(100)),
  within(only(203), only(0), only(113)),
  within(fc.integer({ min: 224, max: 255 })),
);

describe('an address that a person gives', () => {
  it('is refused when it is private, in whatever notation it is written', () => {
    fc.assert(
      fc.property(privateAddress, fc.constantFrom('', ':443', ':8443'), (address, port) => {
        for (const host of notations(address))
          expect([host, refusedAddress(`https://${host}${port}/v1`, production)]).toEqual([
            host,
            'private_address',
          ]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '192.167.1.1',
    '[2606:4700:4700::1111]',
    '[64:ff9b::808:808]',
    'api.openai.com',
    'xn--bcher-kva.example.org',
    'API.Example.ORG.',
  ])('is called when it is public: %s', (host) => {
    expect(refusedAddress(`https://${host}/v1`, production)).toBeNull();
  });

  it.each([
    ['not an address', 'malformed'],
    ['', 'malformed'],
    ['//example.org', 'malformed'],
    ['http://example.org', 'scheme'],
    ['ftp://example.org', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['https://user@example.org', 'credentials'],
    ['https://user:password@example.org', 'credentials'],
    ['https://:password@example.org', 'credentials'],
    ['https://example.org:22', 'port'],
    ['https://example.org:25', 'port'],
    ['https://example.org:6379', 'port'],
    ['https://example.org:2375', 'port'],
    ['https://localhost', 'private_name'],
    ['https://LOCALHOST.', 'private_name'],
    ['https://a.localhost', 'private_name'],
    ['https://router.local', 'private_name'],
    ['https://metadata.google.internal', 'private_name'],
    ['https://metadata', 'private_name'],
    ['https://printer.lan', 'private_name'],
    ['https://nas.home.arpa', 'private_name'],
    ['https://127.0.0.1.nip.io', 'private_name'],
    ['https://10-0-0-1.sslip.io', 'private_name'],
    ['https://localtest.me', 'private_name'],
    ['https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'private_name'],
    ['https://①②⑦.⓪.⓪.①', 'private_address'],
    ['https://127。0。0。1', 'private_address'],
    ['https://[::]', 'private_address'],
    ['https://[::1]', 'private_address'],
    ['https://[fe80::1]', 'private_address'],
    ['https://[fc00::1]', 'private_address'],
    ['https://[fd12:3456::1]', 'private_address'],
    ['https://[fec0::1]', 'private_address'],
    ['https://[ff02::1]', 'private_address'],
    ['https://[2001:db8::1]', 'private_address'],
    ['https://[2001::1]', 'private_address'],
    ['https://[3fff::1]', 'private_address'],
    ['https://[100::1]', 'private_address'],
    ['https://[::127.0.0.1]', 'private_address'],
    ['https://[fe80::1%25eth0]', 'malformed'],
    ['https://169.254.169.254/latest/meta-data/', 'private_address'],
  ])('%s is refused as %s', (address, refusal) => {
    expect(refusedAddress(address, production)).toBe(refusal);
  });

  it('may be this machine in development, over plain HTTP, and no other private one', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', '127.1', '2130706433'])
      expect(refusedAddress(`http://${host}:11434/v1`, development)).toBeNull();
    expect(refusedAddress('http://192.168.1.10/v1', development)).toBe('scheme');
    expect(refusedAddress('https://192.168.1.10/v1', development)).toBe('private_address');
    expect(refusedAddress('http://example.org', development)).toBe('scheme');
    expect(refusedAddress('http://localhost:11434', production)).toBe('scheme');
  });
});
