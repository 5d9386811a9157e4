import type { z } from 'zod';
import type {
  AuditEntryView,
  AuditFilters,
  auditSettingsRequestSchema,
  auditSettingsSchema,
  auditVerificationSchema,
} from '../../../src/contracts/audit.ts';
import { ask, withQuery } from './client.ts';
import type { Page } from './pages-of.ts';

export type AuditSettings = z.infer<typeof auditSettingsSchema>;
export type Verification = z.infer<typeof auditVerificationSchema>;

export const listEntries = (filters: AuditFilters, cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<AuditEntryView>>('GET', '/v1/audit', { query: { ...filters, limit: 100, cursor }, signal });

/** Where the browser gets the same entries as a file. */
export const exportPath = (filters: AuditFilters, format: 'csv' | 'jsonl') =>
  withQuery('/v1/audit/export', { ...filters, format });

/** Checks the whole chain, part by part; `onPart` hears how far it has come. Stops at the signal. */
export async function verifyChain(
  onPart: (part: Verification) => void,
  signal: AbortSignal,
): Promise<Verification> {
  let cursor: string | undefined;
  let faults: Verification['faults'] = [];
  let from: number | null = null;
  for (;;) {
    const part = await ask<Verification>('GET', '/v1/audit/verify', { query: { cursor }, signal });
    faults = [...faults, ...part.faults];
    from ??= part.checked.from;
    const whole = { ...part, faults, intact: faults.length === 0, checked: { from, to: part.checked.to } };
    onPart(whole);
    if (part.next_cursor === null) return whole;
    cursor = part.next_cursor;
  }
}

export const readAuditSettings = (signal?: AbortSignal) =>
  ask<AuditSettings>('GET', '/v1/audit/settings', { signal });

export const changeAuditSettings = (body: z.input<typeof auditSettingsRequestSchema>) =>
  ask<AuditSettings>('PATCH', '/v1/audit/settings', { body });
