import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { AppContext } from '../../platform/http/context.ts';
import type { Logger } from '../../platform/log.ts';

/** What webhooks work with. */
export interface WebhookContext {
  readonly env: Pick<Env, 'DB' | 'OUTGOING_QUEUE'>;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

export function contextOf(c: AppContext): WebhookContext {
  return { env: c.env, config: c.get('config'), clock: c.get('clock'), log: c.get('log') };
}

export const TAG = 'Webhooks';
