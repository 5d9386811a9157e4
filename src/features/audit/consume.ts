import { z } from 'zod';
import type { Logger } from '../../platform/log.ts';
import { callAuditChain } from './audit-chain.ts';
import type { AuditMessage } from './record.ts';

const messageSchema = z.object({
  version: z.literal(1),
  tenantId: z.string().min(1),
  entry: z.looseObject({ id: z.string().min(1), at: z.int(), action: z.string() }),
});

/**
 * Appends entries whose chain could not be reached when they were made, each once, by its id. What cannot be read or appended is handed back, and
 * so comes to the dead-letter queue in the end.
 */
export async function consumeAudit(
  env: Pick<Env, 'AUDIT_CHAIN'>,
  messages: readonly Pick<Message<unknown>, 'id' | 'body' | 'ack' | 'retry'>[],
  log: Logger,
): Promise<void> {
  for (const message of messages) {
    try {
      messageSchema.parse(message.body);
      const { tenantId, entry } = message.body as AuditMessage;
      await callAuditChain(env, tenantId, (chain) => chain.append(tenantId, [entry]));
      message.ack();
    } catch (error) {
      log.error('an audit entry could not be appended and will come again', { message: message.id, error });
      message.retry();
    }
  }
}
