import type { z } from 'zod';
import type { creditsSchema } from '../../../src/contracts/credits.ts';
import { ask } from './client.ts';

export const readCredits = (signal?: AbortSignal) =>
  ask<z.infer<typeof creditsSchema>>('GET', '/v1/credits', { signal });
