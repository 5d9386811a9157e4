import { iso } from '../../platform/clock.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { KEY_TEXT_LENGTH, KEY_TEXT_PREFIXES } from './key-text.ts';

/** Why a request has no principal. `reason` travels in the error's details, for programs. */
export type Refusal =
  | { readonly reason: 'missing' }
  | { readonly reason: 'other_scheme' }
  | { readonly reason: 'malformed' }
  | { readonly reason: 'publishable' }
  | { readonly reason: 'secret' }
  | { readonly reason: 'unknown' }
  | { readonly reason: 'not_a_member' }
  | { readonly reason: 'revoked'; readonly at: number }
  | { readonly reason: 'expired'; readonly at: number };

/**
 * A refusal as an error with a sentence that says what to do. A forged key and one that its owner does not know read the same: the
 * difference would tell a forger whether the signing secret was guessed.
 */
export function refused(refusal: Refusal): ParallaxError {
  return new ParallaxError('unauthenticated', sentence(refusal), { details: { reason: refusal.reason } });
}

function sentence(refusal: Refusal): string {
  switch (refusal.reason) {
    case 'missing':
      return `No API key was sent. Send one as "Authorization: Bearer ${KEY_TEXT_PREFIXES.secret}…" or in the header x-api-key.`;
    case 'other_scheme':
      return `The Authorization header must be of the form "Bearer ${KEY_TEXT_PREFIXES.secret}…".`;
    case 'malformed':
      return `This is not a Parallax API key: one has ${KEY_TEXT_LENGTH} characters and starts with ${KEY_TEXT_PREFIXES.secret}. Check that it was copied whole.`;
    case 'publishable':
      return `A publishable key (${KEY_TEXT_PREFIXES.publishable}…) is for the widget alone. Use a secret key (${KEY_TEXT_PREFIXES.secret}…) here.`;
    case 'secret':
      return `A secret key (${KEY_TEXT_PREFIXES.secret}…) must not stand in a page. Use a publishable key (${KEY_TEXT_PREFIXES.publishable}…) here.`;
    case 'unknown':
      return 'This API key is not known here. Check that it was copied whole and belongs to this deployment.';
    case 'not_a_member':
      return 'The person that this credential belongs to is not a member of its tenant any more. Use another one.';
    case 'revoked':
      return `This API key was revoked on ${iso(refusal.at)}. Use another one.`;
    case 'expired':
      return `This API key expired on ${iso(refusal.at)}. Use another one.`;
  }
}
