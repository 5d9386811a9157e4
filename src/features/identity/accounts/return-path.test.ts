import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { returnPath } from './return-path.ts';

const ORIGIN = 'https://parallax.test';

describe('a way back that leads to another site (open redirect)', () => {
  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '///evil.example',
    'javascript:alert(1)',
    '/..//evil.example',
    '/.//evil.example',
    'evil.example',
    ' /settings',
    '',
    'https://parallax.test@evil.example/',
  ])('is refused: %j', (text) => {
    expect(() => returnPath(text, ORIGIN)).toThrow(/must be a path of this site/);
  });

  it.each(['/', '/settings/security', '/oauth/authorize?client_id=a&scope=b%20c', '/a#b'])(
    'is not %s',
    (text) => {
      expect(returnPath(text, ORIGIN)).toBe(text);
    },
  );

  it('never is any text that is let through', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[/\\a-z:@.?#\t ]{0,20}$/), (text) => {
        let path: string;
        try {
          path = returnPath(text, ORIGIN);
        } catch {
          return;
        }
        expect(new URL(path, ORIGIN).origin).toBe(ORIGIN);
        expect(path.startsWith('/')).toBe(true);
        expect(path.startsWith('//')).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });
});
