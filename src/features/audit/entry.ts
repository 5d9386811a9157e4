import type { ActorType } from '../../contracts/audit.ts';
import type { Principal } from '../../contracts/principal.ts';

/** Who did something. */
export interface Actor {
  readonly type: ActorType;
  /** The key's, app's or user's id; `operator` and `system` have their own name. */
  readonly id: string;
  /** The person behind a key or an app. */
  readonly userId: string | null;
}

/** Something that was done, before it has its place in the chain. Holds no content: only digests of what was before and after. */
export interface NewAuditEntry {
  /** `aud_…`. The same id is appended once. */
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  readonly action: string;
  readonly target: { readonly type: string; readonly id: string };
  readonly before: string | null;
  readonly after: string | null;
  readonly changed: readonly string[] | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly country: string | null;
  readonly userAgent: string | null;
  /** 0 to 100; null where nobody judged it. */
  readonly risk: number | null;
}

/** An entry in its place: linked to the one before, and sealed by its own hash. */
export interface AuditEntry extends NewAuditEntry {
  /** 1, 2, 3 …, without gaps. */
  readonly seq: number;
  /** The hash of the entry before; of the first, the tenant's own beginning. */
  readonly previous: string;
  readonly hash: string;
}

/** The actor that a principal is. */
export function actorOf({ via, userId, keyId, clientId }: Principal): Actor {
  switch (via) {
    case 'key':
      return { type: 'key', id: keyId ?? userId, userId };
    case 'oauth':
      return { type: 'client', id: clientId ?? userId, userId };
    case 'session':
      return { type: 'user', id: userId, userId };
  }
}

export const OPERATOR: Actor = { type: 'operator', id: 'operator', userId: null };
export const SYSTEM: Actor = { type: 'system', id: 'system', userId: null };
