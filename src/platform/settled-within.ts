/**
 * What a promise settles to, if it does in time; null when it does not. For waiting for another request's question: that request may be cancelled
 * with its client, and its promise then never settles.
 */
export async function settledWithin<T>(promise: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  try {
    return await Promise.race([promise, patience]);
  } finally {
    clearTimeout(timer);
  }
}
