import { clientName } from '../../platform/http/client-name.ts';
import type { AppContext } from '../../platform/http/context.ts';
import type { RunService } from './run-service.ts';
import { createRunService } from './service.ts';

/** The run service of a request. */
export function runsOf(c: AppContext): RunService {
  const { config, clock, requestId } = c.var;
  const askedBy = { requestId, client: clientName(c.req.raw.headers) };
  return createRunService({ env: c.env, config, clock, askedBy });
}
