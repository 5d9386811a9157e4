import { describe, expect, it } from 'vitest';
import { interleave } from './interleave.ts';

const never = new AbortController().signal;

async function* count(to: number): AsyncGenerator<number, void, void> {
  for (let n = 1; n <= to; n++) yield n;
}

/** A source that says nothing until it is told to return, and counts who waits for it. */
function silent() {
  const seen = { handlers: 0, returned: false };
  class Counted<T> extends Promise<T> {
    // biome-ignore lint/suspicious/noThenProperty: counts the handlers that a waiting promise collects
    override then<A = T, B = never>(
      ok?: ((value: T) => A | PromiseLike<A>) | null,
      failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      seen.handlers += 1;
      return super.then(ok, failed);
    }
  }
  const iterator: AsyncIterator<number> = {
    next: () => new Counted<IteratorResult<number>>(() => undefined),
    return: async () => {
      seen.returned = true;
      return { done: true, value: undefined };
    },
  };
  return { seen, source: { [Symbol.asyncIterator]: () => iterator } };
}

describe('interleaving sources', () => {
  it('gives all that each says, in its order', async () => {
    const all = await Array.fromAsync(interleave([count(50), count(0), count(3)], never));
    expect(all.filter((n) => n <= 3)).toHaveLength(6);
    expect(all.slice().sort((a, b) => a - b)).toEqual(
      [...Array.from({ length: 50 }, (_, n) => n + 1), 1, 2, 3].sort((a, b) => a - b),
    );
  });

  it('hangs one handler on a silent source, however much a fast one says beside it', async () => {
    const { seen, source } = silent();
    let taken = 0;
    for await (const _ of interleave([source, count(10_000)], never)) if (++taken === 10_000) break;
    expect(seen).toEqual({ handlers: 1, returned: true });
  });

  it('ends at once when the signal aborts, and tells every source to return', async () => {
    const { seen, source } = silent();
    const stop = new AbortController();
    const all = Array.fromAsync(interleave([source, count(2)], stop.signal));
    await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await all).toEqual([1, 2]);
    expect(seen.returned).toBe(true);
    expect(await Array.fromAsync(interleave([count(2)], AbortSignal.abort()))).toEqual([]);
  });

  it('throws what a source throws; what the others throw later disturbs nobody', async () => {
    const late = async function* (): AsyncGenerator<number, void, void> {
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error('late');
    };
    const broken = async function* (): AsyncGenerator<number, void, void> {
      yield 1;
      throw new Error('broken');
    };
    const { seen, source } = silent();
    await expect(Array.fromAsync(interleave([late(), broken(), source], never))).rejects.toThrow('broken');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(seen.returned).toBe(true);
  });
});
