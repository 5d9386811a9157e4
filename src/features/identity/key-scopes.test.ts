import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_KEY_SCOPES, SCOPES, type Scope } from '../../contracts/principal.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { SCOPES_OF_KIND, scopesForKey } from './key-scopes.ts';
import { KEY_KINDS } from './schema.ts';

const anyScopes = fc.uniqueArray(fc.constantFrom<Scope>(...SCOPES));

describe('the scopes of a new key', () => {
  it('are never more than its maker has, nor more than its kind can carry', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KEY_KINDS),
        fc.option(anyScopes, { nil: undefined }),
        anyScopes,
        (kind, asked, held) => {
          let scopes: Scope[];
          try {
            scopes = scopesForKey(kind, asked, held);
          } catch (error) {
            expect(error).toBeInstanceOf(ParallaxError);
            return;
          }
          expect(scopes.length).toBeGreaterThan(0);
          for (const scope of scopes) {
            expect(held).toContain(scope);
            expect(SCOPES_OF_KIND[kind]).toContain(scope);
            if (asked !== undefined) expect(asked).toContain(scope);
          }
        },
      ),
    );
  });

  it('are all that the maker has when none are asked for', () => {
    expect(scopesForKey('secret', undefined, DEFAULT_KEY_SCOPES)).toEqual(DEFAULT_KEY_SCOPES);
    expect(scopesForKey('secret', undefined, ['models'])).toEqual(['models']);
    expect(scopesForKey('publishable', undefined, DEFAULT_KEY_SCOPES)).toEqual(['perspectives', 'models']);
  });

  it('are refused when the maker lacks one of them', () => {
    expect(() => scopesForKey('secret', ['models', 'visual'], ['models'])).toThrow(
      expect.objectContaining({ code: 'insufficient_scope', message: expect.stringContaining('"visual"') }),
    );
  });

  it('are refused when a key in a public page would open what a tenant has stored', () => {
    expect(() => scopesForKey('publishable', ['memory:read'], DEFAULT_KEY_SCOPES)).toThrow(
      expect.objectContaining({ code: 'invalid_parameter', param: 'scopes' }),
    );
  });

  it('never hold offline_access, which is for OAuth clients', () => {
    expect(() => scopesForKey('secret', ['offline_access'], [...SCOPES])).toThrow(
      expect.objectContaining({ code: 'invalid_parameter' }),
    );
  });
});
