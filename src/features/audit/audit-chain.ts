import { callDurable } from '../../platform/durable-call.ts';
import type { Outcome } from '../../platform/errors.ts';
import type { ChainPlace } from './chain.ts';
import type { AuditEntry, NewAuditEntry } from './entry.ts';

export interface AuditSettings {
  /** Days that entries are kept; null for good. */
  readonly retentionDays: number | null;
  readonly legalHold: boolean;
}

/** Where a chain begins after its older entries were deleted. */
export interface Checkpoint extends ChainPlace {
  readonly at: number;
  readonly seal: string;
}

/** What is to be checked of a chain besides its entries. */
export interface ChainEnds {
  readonly checkpoint: Checkpoint | null;
  /** The last entry, sealed; null where nothing was ever recorded. */
  readonly head: (ChainPlace & { readonly seal: string }) | null;
  /** How far the copy in the database goes. */
  readonly copied: number;
}

/** What `AuditChain` answers over RPC. */
export interface AuditChainRpc {
  /** Appends entries that are not there yet, by their ids. */
  append(tenantId: string, entries: readonly NewAuditEntry[]): Promise<void>;
  /** Entries with a number above `after`, in the order in which they are stored. */
  entries(tenantId: string, after: number, limit: number): Promise<readonly AuditEntry[]>;
  ends(tenantId: string): Promise<ChainEnds>;
  settings(tenantId: string): Promise<AuditSettings & { readonly entries: number }>;
  changeSettings(
    tenantId: string,
    change: Partial<AuditSettings>,
  ): Promise<Outcome<AuditSettings & { readonly entries: number }>>;
  /** Writes the copy anew from the chain. */
  copyAnew(tenantId: string): Promise<void>;
  /** Deletes everything, with the tenant. */
  erase(tenantId: string): Promise<void>;
}

/** Asks a tenant's audit chain; what is thrown is as `callDurable` says. */
export function callAuditChain<T>(
  env: Pick<Env, 'AUDIT_CHAIN'>,
  tenantId: string,
  call: (chain: AuditChainRpc) => Promise<T>,
): Promise<T> {
  return callDurable<AuditChainRpc, T>({
    stub: () => env.AUDIT_CHAIN.getByName(tenantId) as unknown as AuditChainRpc,
    call,
    repeatable: true,
    unreachable: 'The audit log cannot be reached at the moment. Please try again.',
  });
}
