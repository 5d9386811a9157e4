import type { AppContext } from '../../../platform/http/context.ts';
import type { RunService } from '../run-service.ts';
import { createRunService } from '../service.ts';

/** The run service of a request. */
export function runsOf(c: AppContext): RunService {
  return createRunService({ env: c.env, config: c.var.config, clock: c.var.clock });
}
