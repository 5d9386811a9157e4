import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second that `/proc/PID/stat` counts in; Linux has had 100 on every common platform. */
const TICKS_PER_SECOND = 100;

/**
 * CPU seconds (user and system) that a process has used. Linux. The scheduler's own count of each thread, in nanoseconds; where the kernel
 * keeps none, the process's ticks of 10 ms. Threads that have ended are in the second alone: neither workerd nor Node ends any at work.
 */
export function cpuSeconds(pid: number): number {
  return scheduledSeconds(pid) ?? tickedSeconds(pid);
}

function scheduledSeconds(pid: number): number | null {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch (error) {
      // No such file: a thread that ended between being listed and being read, or a kernel without the count.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return nanoseconds === 0 ? null : nanoseconds / 1e9;
}

function tickedSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The workerd processes that this process started, directly or through others. */
export function workerdPids(parent: number = process.pid): number[] {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const pid = Number(name);
      names.set(pid, stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')));
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // The process ended between being listed and being read.
    }
  }
  const mine = (pid: number): boolean =>
    pid === parent || (parents.has(pid) && pid > 1 && mine(parents.get(pid) ?? 0));
  return [...names].filter(([pid, name]) => name === 'workerd' && mine(pid)).map(([pid]) => pid);
}
