import { z } from 'zod';
import { PLAN_IDS, QUOTA_IDS } from './plans.ts';

export const quotaSchema = z
  .object({
    id: z.enum(QUOTA_IDS).meta({
      description:
        '`messages`: calls of the chat routes. `perspectives_…`: model calls of runs, by the tier of the model. Of both only those on the platform’s keys.',
    }),
    object: z.literal('quota'),
    limit: z.int().nullable().meta({ description: 'How many a month; null where there is no limit.' }),
    used: z.int().nullable().meta({
      description: 'Those under way included. Null where there is no limit: nothing is counted then.',
    }),
    remaining: z.int().nullable().meta({ description: 'Null where there is no limit.' }),
  })
  .meta({ id: 'Quota' });

/** Answer of `GET /v1/quota`. */
export const quotaListSchema = z
  .object({
    object: z.literal('quotas'),
    plan: z.enum(PLAN_IDS),
    period_start: z.iso.datetime().meta({ description: 'The begin of the tenant’s own month.' }),
    period_end: z.iso.datetime().meta({ description: 'When all quotas start anew.' }),
    data: z.array(quotaSchema),
  })
  .meta({ id: 'QuotaList' });

export type Quota = z.infer<typeof quotaSchema>;
export type QuotaList = z.infer<typeof quotaListSchema>;
