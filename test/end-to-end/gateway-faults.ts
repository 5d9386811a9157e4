import { putModel, QUESTION } from './gateway-clients.ts';

export const WIRES = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type Wire = (typeof WIRES)[number];
export type FaultName = 'overloaded' | 'rate-limited' | 'silent' | 'cut' | 'slow' | 'refuses';

/** A fault of the local models in a wire format; each client has its own, so that a circuit that opens is nobody else's. */
export const faulty = (fault: FaultName, client: string, wire: Wire) => `local/${fault}-${client}-${wire}`;

/** Adds the faults of a client in every wire format. */
export async function addFaults(client: string, faults: readonly FaultName[]): Promise<void> {
  for (const fault of faults)
    for (const wire of WIRES)
      await putModel(faulty(fault, client, wire), {
        upstream_name: `${fault}@${client}-${wire}`,
        wire,
        hidden: true,
      });
}

/** A `fetch` that counts how often it is asked. */
export function counting(): { fetch: typeof fetch; readonly count: () => number } {
  let count = 0;
  return {
    fetch: (...request) => {
      count += 1;
      return fetch(...request);
    },
    count: () => count,
  };
}

/** What work fails with; undefined when it does not. */
export const thrownBy = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => undefined,
    (error: unknown) => error,
  );

export const messages = [{ role: 'user' as const, content: QUESTION }];
