import { DEFAULT_KEY_SCOPES, SCOPES, type Scope } from '../../contracts/principal.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { KeyKind } from './schema.ts';

/** What a key of each kind can carry. A publishable key stands in public pages: it never opens what a tenant has stored. */
export const SCOPES_OF_KIND: Readonly<Record<KeyKind, readonly Scope[]>> = {
  secret: DEFAULT_KEY_SCOPES,
  publishable: ['perspectives', 'models'],
};

/**
 * The scopes of a new key, in their usual order: those asked for, or all that its maker has and its kind can carry. Throws `ParallaxError`
 * `invalid_parameter` for a scope that this kind cannot carry and `insufficient_scope` for one that the maker lacks.
 */
export function scopesForKey(
  kind: KeyKind,
  asked: readonly Scope[] | undefined,
  held: readonly Scope[],
): Scope[] {
  const possible = SCOPES_OF_KIND[kind];
  const impossible = asked?.find((scope) => !possible.includes(scope));
  if (impossible !== undefined) {
    throw new ParallaxError(
      'invalid_parameter',
      `\`scopes\`: a ${kind} key cannot carry "${impossible}"; it can carry ${possible.join(', ')}.`,
      { param: 'scopes' },
    );
  }
  const lacking = asked?.find((scope) => !held.includes(scope));
  if (lacking !== undefined) {
    throw new ParallaxError(
      'insufficient_scope',
      `A key cannot give the scope "${lacking}", which its maker does not have.`,
    );
  }
  const scopes = SCOPES.filter((scope) => (asked ?? possible).includes(scope) && held.includes(scope));
  if (scopes.length === 0) {
    throw new ParallaxError(
      'insufficient_scope',
      `The credential has no scope that a ${kind} key can carry.`,
    );
  }
  return scopes;
}

/** Whether all of `scopes` are among those held. */
export function coversScopes(held: readonly Scope[], scopes: readonly Scope[]): boolean {
  return scopes.every((scope) => held.includes(scope));
}
