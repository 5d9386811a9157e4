import { describe, expect, it } from 'vitest';
import { callDurable } from './durable-call.ts';

/** An object whose calls fail in turn as said, and then answer. */
function failing(...failures: object[]) {
  let stubs = 0;
  const calls: number[] = [];
  return {
    calls,
    run: (repeatable: boolean) =>
      callDurable({
        stub: () => stubs++,
        call: async (stub) => {
          calls.push(stub);
          const failure = failures[calls.length - 1];
          if (failure !== undefined) throw Object.assign(new Error('failed'), failure);
          return 'answered';
        },
        repeatable,
        unreachable: 'Not now.',
      }),
  };
}

describe('a call to a Durable Object', () => {
  it('is repeated once, with a stub of its own, when the platform cut it off', async () => {
    for (const failure of [{ retryable: true }, { durableObjectReset: true }]) {
      const object = failing(failure);
      expect(await object.run(true)).toBe('answered');
      expect(object.calls).toEqual([0, 1]);
    }
  });

  it('is not repeated when it must not be, when the object is overloaded, or a second time', async () => {
    const unavailable = { code: 'unavailable', message: 'Not now.' };
    const once = failing({ retryable: true });
    await expect(once.run(false)).rejects.toMatchObject(unavailable);
    const overloaded = failing({ retryable: true, overloaded: true });
    await expect(overloaded.run(true)).rejects.toMatchObject(unavailable);
    const twice = failing({ retryable: true }, { retryable: true });
    await expect(twice.run(true)).rejects.toMatchObject(unavailable);
    expect([once.calls, overloaded.calls, twice.calls]).toEqual([[0], [0], [0, 1]]);
  });

  it('gives a defect of the object as it is', async () => {
    const object = failing({ remote: true });
    await expect(object.run(true)).rejects.toThrow('failed');
    expect(object.calls).toEqual([0]);
  });
});
