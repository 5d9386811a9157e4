import type { z } from 'zod';
import type { passkeySchema } from '../../../../contracts/accounts.ts';
import type { Passkey } from '../passkeys.ts';

/** A passkey as its person sees it. */
export function passkeyView({ id, name, backedUp, createdAt }: Passkey): z.infer<typeof passkeySchema> {
  return {
    id,
    object: 'passkey',
    name: name ?? 'Passkey',
    backed_up: backedUp,
    created_at: (createdAt ?? new Date(0)).toISOString(),
  };
}
