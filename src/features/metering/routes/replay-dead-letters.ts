import { type DeadLetterQueue, replayedSchema, replayRequestSchema } from '../../../contracts/operations.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listDeadLetters, replayDeadLetters } from '../dead-letters.ts';

export const replayDeadLettersOperation = operation({
  operationId: 'replayDeadLetters',
  method: 'post',
  path: '/v1/operator/dead-letters/replay',
  tag: 'Operator',
  summary: 'Send dead letters to their queue again',
  description:
    'Up to 50 at a time. Every event in them is counted once, also when some of it was counted before.',
  access: { kind: 'operator' },
  body: replayRequestSchema,
  responses: { 200: { description: 'How many were sent.', schema: replayedSchema } },
  async handler({ c, body }) {
    const replayed = await replayDeadLetters(c.env.DB, body.queue, producerOf(c.env, body.queue));
    const [next] = await listDeadLetters(c.env.DB, body.queue, { limit: 1, after: undefined });
    return c.json({ object: 'replay', queue: body.queue, replayed, remaining: next !== undefined });
  },
});

function producerOf(env: Env, queue: DeadLetterQueue): Queue {
  switch (queue) {
    case 'usage':
      return env.USAGE_QUEUE;
    case 'audit':
      return env.AUDIT_QUEUE;
    case 'stripe':
      return env.STRIPE_QUEUE;
    case 'ledger':
      return env.LEDGER_QUEUE;
    case 'outgoing':
      return env.OUTGOING_QUEUE;
  }
}
