import { scriptWorker } from '../workerd/script-worker.ts';
import { startWorkerProcess } from '../workerd/worker-process.ts';
import { type Contender, type ContenderName, keyHeaders, UPSTREAM_MODELS } from './contender.ts';

/** The least that a gateway on workerd can do: the request's body through, the answer's body back. */
const BARE = `
export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    return fetch(env.UPSTREAM + pathname, { method: 'POST', headers: request.headers, body: request.body });
  },
};`;

/**
 * The same with one JavaScript stage that does nothing: what looking at each chunk costs, before any looking. This is the cheapest form of
 * one that we know; a `TransformStream` with a `transform` of ours costs a fifth more.
 */
const STAGE = `
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const answer = await fetch(env.UPSTREAM + pathname, { method: 'POST', headers: request.headers, body: request.body });
    const { readable, writable } = new IdentityTransformStream();
    pass(answer.body.getReader(), writable.getWriter());
    return new Response(readable, answer);
  },
};
async function pass(reader, writer) {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return writer.close();
    await writer.write(value);
  }
}`;

export function startBare(upstreamUrl: string): Promise<Contender> {
  return startReference('bare', BARE, upstreamUrl);
}

export function startStage(upstreamUrl: string): Promise<Contender> {
  return startReference('stage', STAGE, upstreamUrl);
}

async function startReference(name: ContenderName, script: string, upstreamUrl: string): Promise<Contender> {
  const worker = await startWorkerProcess(scriptWorker(name, script, { UPSTREAM: upstreamUrl }));
  return {
    name,
    url: worker.url,
    pid: worker.pid,
    headers: (asked) => keyHeaders(asked, 'sk-bench'),
    model: (upstream) => UPSTREAM_MODELS[upstream],
    stop: () => worker.dispose(),
  };
}
