import type { Role, Scope } from '../../src/contracts/principal.ts';

/** What each scope of a key opens, in a person's words. Complete by its type: a new scope without words does not compile. */
const WORDS: Readonly<Record<Scope, { readonly name: string; readonly what: string }>> = {
  perspectives: { name: 'Perspectives', what: 'Ask several models at once, read and merge the answers' },
  models: { name: 'Models', what: 'List models and ask them, through the OpenAI and Anthropic routes' },
  'memory:read': { name: 'Read memory', what: 'Read and search memories' },
  'memory:write': { name: 'Write memory', what: 'Add memories and change them' },
  knowledge: { name: 'Knowledge', what: 'Search documents and ask about them' },
  visual: { name: 'Visual', what: 'Make and edit images and video' },
  'usage:read': { name: 'Usage', what: 'See what was used and what it cost' },
  cli: { name: 'Command line', what: 'Reach the command line programs on your machines' },
  offline_access: { name: 'Stay connected', what: 'Renew without asking again; apps only' },
};

/** Scopes that a key can have. */
export const KEY_SCOPES = (Object.keys(WORDS) as Scope[]).filter((scope) => scope !== 'offline_access');

export function scopeName(scope: Scope): string {
  return WORDS[scope].name;
}

export function scopeWords(scope: Scope): string {
  return WORDS[scope].what;
}

export const ROLE_WORDS: Readonly<Record<Role, { readonly name: string; readonly what: string }>> = {
  owner: { name: 'Owner', what: 'Everything; each tenant has one' },
  admin: { name: 'Admin', what: 'Manages members, keys and the tenant' },
  member: { name: 'Member', what: 'Uses models, makes keys' },
  viewer: { name: 'Viewer', what: 'Reads' },
};
