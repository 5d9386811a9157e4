import type { z } from 'zod';
import type { creditsSchema } from '../../../src/contracts/credits.ts';
import type { QuotaList } from '../../../src/contracts/quota.ts';
import { ask } from './client.ts';

export const readCredits = (signal?: AbortSignal) =>
  ask<z.infer<typeof creditsSchema>>('GET', '/v1/credits', { signal });

export const readQuotas = (signal?: AbortSignal) => ask<QuotaList>('GET', '/v1/quota', { signal });
