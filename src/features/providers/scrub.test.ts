import { describe, expect, it } from 'vitest';
import type { ProviderKey } from './provider-key.ts';
import { scrub } from './scrub.ts';
import { withoutSecrets } from './send.ts';
import { PROVIDERS } from './table.ts';

const openai = PROVIDERS.find(({ id }) => id === 'openai');
const key: ProviderKey = {
  strategy: 'platform',
  settings: { OPENAI_API_KEY: 'quite-an-unusual-key' },
  digest: '0123456789abcdef',
};

describe('what a provider says of a failure', () => {
  it('loses a secret whole, also one that begins with another', () => {
    expect(scrub('refused abcdef-and-more', ['abcdef', 'abcdef-and-more'])).toBe('refused [redacted]');
  });

  it('loses a secret in an address or in JSON', () => {
    expect(scrub('?key=a%2Fb%2Bc%3D', ['a/b+c='])).toBe('?key=[redacted]');
    expect(scrub('{"key":"a\\"bcdef"}', ['a"bcdef'])).toBe('{"key":"[redacted]"}');
  });

  it.each(['invalid_request', 'authentication'] as const)(
    'loses a secret in its code and its field too (%s)',
    (kind) => {
      if (openai === undefined) throw new Error('openai is a provider');
      const info = { kind, message: 'No', code: 'bad quite-an-unusual-key', param: 'quite-an-unusual-key' };
      const clean = withoutSecrets(info, openai, key);
      expect(JSON.stringify(clean)).not.toContain('quite-an-unusual-key');
      expect(clean).toMatchObject({ kind, code: 'bad [redacted]', param: '[redacted]' });
    },
  );
});
