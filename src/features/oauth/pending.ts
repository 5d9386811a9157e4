import type { ConsentDescription } from '@cloudflare/workers-oauth-provider';
import type { Scope } from '../../contracts/principal.ts';
import { sha256Hex } from '../../platform/crypto.ts';
import { placeOf } from './redirects.ts';

/** How long a person may take to decide, in seconds: as long as the library keeps the request. */
export const DECISION_S = 600;

/** What is kept of a request for the page that asks the person. */
export interface PendingRequest {
  readonly clientName: string;
  readonly clientHost: string | null;
  readonly redirectHost: string;
  readonly localhostOnly: boolean;
  readonly scopes: readonly Scope[];
}

export function pendingOf(
  details: ConsentDescription,
  redirectUri: string,
  scopes: readonly Scope[],
): PendingRequest {
  const { place, onMachine } = placeOf(redirectUri);
  return {
    clientName: details.clientName.slice(0, 200),
    clientHost: details.clientDomain ?? null,
    redirectHost: place,
    localhostOnly: onMachine,
    scopes,
  };
}

/** Under what name a pending request is kept: a list of names gives nobody a handle. */
export async function pendingName(handle: string): Promise<string> {
  return `pending:${await sha256Hex(handle)}`;
}
