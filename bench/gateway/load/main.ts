import { PIECE } from '../answer-text.ts';
import { answerJobs } from '../child.ts';
import { checkStream } from './check-stream.ts';
import { checkWhole } from './check-whole.ts';
import { type Exchange, openExchange } from './exchange.ts';
import type { LoadJob, LoadResult, StreamJob, WholeJob } from './job.ts';

/** Every answer is kept and looked at after the clock has stopped, so that looking does not slow what is measured. */
async function load(job: LoadJob): Promise<LoadResult> {
  const connections = job.kind === 'whole' ? job.connections : job.streams;
  const exchange = openExchange(job.target, connections);
  try {
    return job.kind === 'whole' ? await wholeAnswers(job, exchange) : await streams(job, exchange);
  } finally {
    exchange.close();
  }
}

async function wholeAnswers(job: WholeJob, exchange: Exchange): Promise<LoadResult> {
  const bodies: Buffer[][] = [];
  const latenciesMs: number[] = [];
  let left = job.requests;
  const result = await timed(latenciesMs, async () => {
    const connection = async () => {
      while (left > 0) {
        left -= 1;
        const started = performance.now();
        bodies.push(await exchange.ask());
        latenciesMs.push(performance.now() - started);
      }
    };
    await Promise.all(Array.from({ length: job.connections }, connection));
  });
  for (const body of bodies) checkWhole(job.target.format, Buffer.concat(body).toString());
  return result;
}

async function streams(job: StreamJob, exchange: Exchange): Promise<LoadResult> {
  const bodies: Buffer[][] = [];
  const latenciesMs: number[] = [];
  const stream = async () => {
    const started = performance.now();
    let seen = '';
    let found = false;
    const body = await exchange.ask((data) => {
      if (found) return;
      seen += data.toString('latin1');
      if (!seen.includes(PIECE)) return;
      found = true;
      latenciesMs.push(performance.now() - started);
    });
    bodies.push(body);
  };
  const result = await timed(latenciesMs, async () => {
    for (let time = 0; time < job.times; time++) {
      await Promise.all(Array.from({ length: job.streams }, stream));
    }
  });
  for (const body of bodies) checkStream(job.target.format, Buffer.concat(body).toString(), job.pieces);
  return result;
}

async function timed(latenciesMs: readonly number[], work: () => Promise<void>): Promise<LoadResult> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - started) / 1000,
    latenciesMs,
    ownCpuSeconds: (user + system) / 1e6,
  };
}

answerJobs(load);
