import type { z } from 'zod';
import type { Run, receiptLineSchema, runListSchema } from '../../../src/contracts/perspectives.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

export type RunLine = z.infer<typeof runListSchema>['data'][number];
export type ReceiptLine = z.infer<typeof receiptLineSchema>;

export const listRuns = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<RunLine>>('GET', '/v1/perspectives', { query: { limit: 50, cursor }, signal });

export const readRun = (id: string, signal?: AbortSignal) =>
  ask<Run>('GET', `/v1/perspectives/${encodeURIComponent(id)}`, { signal });
