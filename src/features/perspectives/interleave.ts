/**
 * The values of several sources as they come, until all have ended or the signal aborts; then it ends at once, even when a source is silent.
 * Every step of a source has one handler: racing the pending steps for each value would hang another on every slow source, and keep all
 * that a fast one had said for as long as the slow one is silent. One value of a source is fetched ahead.
 * Throws what a source throws. However it ends, every source is told to return; none is waited for.
 */
export async function* interleave<T>(
  sources: readonly AsyncIterable<T>[],
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  // At most one entry a source: the next step is asked for when the last one is taken.
  const ready: Step<T>[] = [];
  let wake = (): void => undefined;
  const settle = (step: Step<T>): void => {
    ready.push(step);
    wake();
  };
  const advance = (iterator: AsyncIterator<T>): void => {
    iterator.next().then(
      (result) => settle({ ok: true, iterator, result }),
      (error: unknown) => settle({ ok: false, error }),
    );
  };
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  let open = iterators.length;
  try {
    for (const iterator of iterators) advance(iterator);
    while (open > 0 && !signal.aborted) {
      const step = ready.shift();
      if (step === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (!step.ok) throw step.error;
      else if (step.result.done) open -= 1;
      else {
        advance(step.iterator);
        yield step.result.value;
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const iterator of iterators) {
      // How a source that nobody listens to any more ends does not matter.
      iterator.return?.().catch(() => undefined);
    }
  }
}

type Step<T> =
  | { readonly ok: true; readonly iterator: AsyncIterator<T>; readonly result: IteratorResult<T> }
  | { readonly ok: false; readonly error: unknown };
