import { WorkerEntrypoint } from 'cloudflare:workers';
import { answerMeterRequest } from '../../src/features/gateway/index.ts';

/** Counts a stream that another invocation pipes to its client: reached through `ctx.exports`, never from outside. */
export class StreamMeter extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Promise<Response> {
    return answerMeterRequest(request);
  }
}
