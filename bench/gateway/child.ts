import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A script of the benchmark in a process of its own, so that its work is in nobody else's. It does one job at a time. */
export interface Child<Job, Result> {
  readonly pid: number;
  ask(job: Job): Promise<Result>;
  stop(): Promise<void>;
}

type Reply<Result> = { readonly result: Result } | { readonly error: string };

export function startChild<Job, Result>(script: URL, args: readonly string[] = []): Child<Job, Result> {
  const child = fork(fileURLToPath(script), args);
  return {
    pid: child.pid ?? 0,
    ask: (job) => ask(child, job),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

function ask<Result>(child: ChildProcess, job: unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => done(() => reject(new Error(`a helper ended with ${code}`)));
    const onMessage = (reply: Reply<Result>) =>
      done(() => ('error' in reply ? reject(new Error(reply.error)) : resolve(reply.result)));
    const done = (settle: () => void) => {
      child.off('exit', onExit);
      child.off('message', onMessage);
      settle();
    };
    child.on('exit', onExit);
    child.on('message', onMessage);
    child.send(job as object);
  });
}

/** In the child: does each job that the parent sends, and ends with the parent. */
export function answerJobs<Job, Result>(work: (job: Job) => Promise<Result>): void {
  const reply = (message: Reply<Result>) => process.send?.(message);
  process.on('message', (job: Job) => {
    work(job).then(
      (result) => reply({ result }),
      (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
