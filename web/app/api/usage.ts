import type { z } from 'zod';
import type {
  UsageEventFilters,
  UsageEventView,
  UsageSummary,
  usageSummaryQuerySchema,
} from '../../../src/contracts/usage.ts';
import { ask, withQuery } from './client.ts';
import type { Page } from './pages-of.ts';

/** `group_by` with a comma between where it is two. */
export type SummaryQuery = Omit<z.input<typeof usageSummaryQuerySchema>, 'group_by' | 'limit'> & {
  readonly group_by?: string | undefined;
  readonly limit?: number | undefined;
};

export const readSummary = (query: SummaryQuery, signal?: AbortSignal) =>
  ask<UsageSummary>('GET', '/v1/usage/summary', { query, signal });

export const listCalls = (filters: UsageEventFilters, cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<UsageEventView>>('GET', '/v1/usage', { query: { ...filters, limit: 100, cursor }, signal });

/** Where the browser gets the same calls as a file. */
export const callsExportPath = (filters: UsageEventFilters, format: 'csv' | 'jsonl') =>
  withQuery('/v1/usage/export', { ...filters, format });
