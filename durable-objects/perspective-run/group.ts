import { WorkerEntrypoint } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import {
  type AskEvent,
  askGroup,
  type PerspectiveCall,
  packCalls,
  unpackCalls,
} from '../../src/features/perspectives/index.ts';
import { streamModel } from '../../src/features/providers/index.ts';
import { createLogger, type Logger } from '../../src/platform/log.ts';
import { callingFor, type RunOwner } from './calling.ts';
import { GroupCredit } from './group-credit.ts';

/** Says whose run it is. */
const OWNER_HEADER = 'x-run-owner';

/**
 * Asks a group of models in an invocation of its own: at most six connections of one invocation may wait for headers, so a wide run is
 * spread over several. Reached by the run's Durable Object alone (through `ctx.exports`), never from outside: the Worker's
 * routes do not lead here. Answers with one JSON event a line; the caller that stops reading stops the calls.
 */
export class PerspectiveGroup extends WorkerEntrypoint<Env> {
  override async fetch(request: Request): Promise<Response> {
    const calls = unpackCalls(await request.text());
    const config = configOf(this.env);
    const owner = JSON.parse(request.headers.get(OWNER_HEADER) ?? '') as RunOwner;
    const log = createLogger({ object: 'PerspectiveGroup' });
    const { catalog, context } = await callingFor(this.env, config, owner, log);
    const stop = new AbortController();
    const events = askGroup(
      {
        stream: streamModel,
        context,
        catalog,
        credit: ({ index, heldNano }) =>
          heldNano === undefined ? null : new GroupCredit(this.env.PERSPECTIVE_RUN, owner, index, heldNano),
      },
      calls,
      AbortSignal.any([stop.signal, request.signal]),
    );
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await events.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      async cancel() {
        stop.abort('stopped');
        await events.return();
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
  }
}

/**
 * The events of a group that is asked elsewhere. Ends early, and stops the group, when the signal aborts; ends early, too, when that
 * invocation dies: its answers have then broken off, and those of the other groups go on.
 */
export async function* readGroup(
  group: Fetcher,
  { id, tenantId, userId }: RunOwner,
  calls: readonly PerspectiveCall[],
  signal: AbortSignal,
  log: Logger,
): AsyncGenerator<AskEvent, void, void> {
  try {
    const response = await group.fetch('https://perspective-group/', {
      method: 'POST',
      headers: { [OWNER_HEADER]: JSON.stringify({ id, tenantId, userId } satisfies RunOwner) },
      body: packCalls(calls),
      signal,
    });
    if (!response.ok || response.body === null) {
      throw new Error(`a group of models answered with status ${response.status}`);
    }
    yield* readEvents(response.body, signal);
  } catch (error) {
    if (!signal.aborted) log.error('a group of models broke off', { error });
  }
}

/** One JSON event a line, whatever the cut of the bytes. */
async function* readEvents(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<AskEvent, void, void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  // A pending read outlives the abort of its request in some runtimes; cancelling the body ends it, and with it the group.
  const cut = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cut, { once: true });
  // Pieces of an unfinished line are joined when it ends, so that a long one costs linear time.
  let pieces: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = value.split('\n');
      const last = lines.pop() ?? '';
      for (const line of lines) {
        pieces.push(line);
        const whole = pieces.join('');
        pieces = [];
        yield JSON.parse(whole) as AskEvent;
      }
      pieces.push(last);
    }
  } finally {
    signal.removeEventListener('abort', cut);
    await reader.cancel().catch(() => undefined);
  }
}
