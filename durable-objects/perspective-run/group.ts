import { WorkerEntrypoint } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import { loadCatalog } from '../../src/features/catalog/index.ts';
import { type AskEvent, askGroup, type PerspectiveCall } from '../../src/features/perspectives/index.ts';
import { createCallContext, streamModel } from '../../src/features/providers/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createLogger } from '../../src/platform/log.ts';

/**
 * Asks a group of models in an invocation of its own: at most six connections of one invocation may wait for headers, so a wide run is
 * spread over several. Reached by the run's Durable Object alone (through `ctx.exports`), never from outside: the Worker's
 * routes do not lead here. Answers with one JSON event a line; the caller that stops reading stops the calls.
 */
export class PerspectiveGroup extends WorkerEntrypoint<Env> {
  override async fetch(request: Request): Promise<Response> {
    const calls = await request.json<PerspectiveCall[]>();
    const config = configOf(this.env);
    const catalog = await loadCatalog(this.env, config, systemClock);
    const context = createCallContext(this.env, config, createLogger({ object: 'PerspectiveGroup' }));
    const stop = new AbortController();
    const events = askGroup(
      { stream: streamModel, context, catalog },
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
      cancel() {
        stop.abort('stopped');
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
  }
}

/** The events of a group that is asked elsewhere. Ends early, and stops the group, when the signal aborts. */
export async function* readGroup(
  group: Fetcher,
  calls: readonly PerspectiveCall[],
  signal: AbortSignal,
): AsyncGenerator<AskEvent, void, void> {
  const response = await group.fetch('https://perspective-group/', {
    method: 'POST',
    body: JSON.stringify(calls),
    signal,
  });
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as AskEvent;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
