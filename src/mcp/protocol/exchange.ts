import type { Principal } from '../../contracts/principal.ts';
import type { Catalog } from '../../features/catalog/index.ts';
import type { ReadUsage } from '../../features/metering/index.ts';
import type { RunService } from '../../features/perspectives/index.ts';
import type { Router } from '../../features/routing/index.ts';
import type { Logger } from '../../platform/log.ts';
import type { Offer } from '../offer.ts';
import type { Patience } from '../tool.ts';

/** The two ways to speak with us: with a handshake (2025-11-25 and earlier), or with everything in each request (2026-07-28). */
export type Era = 'legacy' | 'modern';

/** One HTTP exchange as the protocol handlers see it. */
export interface Exchange {
  readonly era: Era;
  readonly principal: Principal;
  readonly offer: Offer;
  readonly runs: RunService;
  readonly catalog: () => Promise<Catalog>;
  readonly router: Router;
  readonly usage: ReadUsage;
  readonly log: Logger;
  readonly requestId: string;
  readonly patience: Patience;
  /** How long runs are kept, in milliseconds. */
  readonly runRetentionMs: number;
  /** Keeps the invocation alive for a promise after the client has gone. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Remembers which run a request of this client started. */
  readonly remember: (jsonRpcId: string | number, runId: string) => Promise<void>;
}
