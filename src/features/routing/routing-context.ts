import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';

/** What the services of this slice work with. */
export interface RoutingContext {
  readonly env: Pick<Env, 'DB'>;
  readonly config: Config;
  readonly clock: Clock;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}
