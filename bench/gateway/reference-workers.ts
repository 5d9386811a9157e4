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

/** The same with one JavaScript stage that does nothing: what looking at each chunk costs, before any looking. */
const STAGE = `
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const answer = await fetch(env.UPSTREAM + pathname, { method: 'POST', headers: request.headers, body: request.body });
    const stage = new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk) });
    return new Response(answer.body.pipeThrough(stage), answer);
  },
};`;

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
