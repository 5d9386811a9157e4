import { cpuSeconds } from '../process-cpu.ts';

/** The CPU of one measurement; known when its slot is closed. */
export interface CpuSlot {
  cpuSeconds: number;
}

/**
 * What a process uses from the beginning of one measurement to the beginning of its next: what a gateway puts off until after the answer
 * (metering, returning leases, queues) is part of what a request costs, whenever it is done.
 */
export class CpuSlots {
  readonly #open = new Map<number, { readonly slot: CpuSlot; readonly before: number }>();

  begin(pid: number): CpuSlot {
    this.#close(pid);
    const slot: CpuSlot = { cpuSeconds: Number.NaN };
    this.#open.set(pid, { slot, before: cpuSeconds(pid) });
    return slot;
  }

  closeAll(): void {
    for (const pid of [...this.#open.keys()]) this.#close(pid);
  }

  #close(pid: number): void {
    const open = this.#open.get(pid);
    if (open === undefined) return;
    open.slot.cpuSeconds = cpuSeconds(pid) - open.before;
    this.#open.delete(pid);
  }
}
