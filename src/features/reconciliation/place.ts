import { z } from 'zod';
import { ParallaxError } from '../../platform/errors.ts';

/** Where a comparison has come to: a tenant, and what of it was compared. It goes on behind it. */
const placeSchema = z.strictObject({
  tenantId: z.string().max(100),
  done: z.discriminatedUnion('what', [
    z.strictObject({ what: z.literal('transactions'), seq: z.int().min(0) }),
    z.strictObject({ what: z.literal('events'), at: z.int(), id: z.string().max(120) }),
    z.strictObject({ what: z.literal('all') }),
  ]),
});
export type Place = z.infer<typeof placeSchema>;

export function placeText(place: Place): string {
  return JSON.stringify(place);
}

/** What `placeText` wrote. Throws `ParallaxError` `invalid_parameter` for anything else. */
export function placeOf(text: string): Place {
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    throw new ParallaxError('invalid_parameter', '`after` is no `next_after` of an earlier answer.', {
      param: 'after',
    });
  }
}
