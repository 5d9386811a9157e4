import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ParallaxError } from '../../../platform/errors.ts';

/**
 * Passwords are stretched with scrypt (RFC 7914) by the runtime itself: about 50 ms of CPU and 32 MiB each at these parameters, which are above
 * OWASP's minimum of N = 2^14, r = 8, p = 5 in memory. The parameters stand in the text, so that they can be raised later.
 */
const N = 16_384;
const R = 16;
const P = 1;
const KEY_BYTES = 64;
const SALT_BYTES = 16;

/** An isolate has 128 MiB: so many may run at once, and so many wait for their turn. */
const AT_ONCE = 2;
const MOST_WAITING = 32;

/** How often who waits looks whether it is their turn, and how long they do, in milliseconds. */
const LOOK_EVERY_MS = 20;
const WAIT_MS = 10_000;

/** What runs and what waits, by when it began: whose request was cut off before it could say that it has ended is counted no more after a while. */
const running = new Set<{ readonly at: number }>();
const waiting = new Set<{ readonly at: number }>();

/** `scrypt$N$r$p$salt$key`, salt and key in base64. Throws `ParallaxError` `unavailable` when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await bounded(() => stretch(password, salt, { n: N, r: R, p: P }));
  return ['scrypt', N, R, P, salt.toString('base64'), key.toString('base64')].join('$');
}

/** Whether a password is the one of a hash; false for a text that is no hash of ours. Throws as `hashPassword`. */
export async function verifyPassword({
  hash,
  password,
}: {
  hash: string;
  password: string;
}): Promise<boolean> {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,3})\$(\d{1,2})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(hash);
  const [, n, r, p, salt = '', expected = ''] = match ?? [];
  if (match === null) return false;
  const key = await bounded(() =>
    stretch(password, Buffer.from(salt, 'base64'), { n: Number(n), r: Number(r), p: Number(p) }),
  );
  const wanted = Buffer.from(expected, 'base64');
  return key.length === wanted.length && timingSafeEqual(key, wanted);
}

interface Cost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

function stretch(password: string, salt: Buffer, { n, r, p }: Cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // People type the same letters as different characters on different keyboards.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

/**
 * Runs `work` when it is its turn. What waits is bounded: under a flood of sign-ins the rest of the isolate goes on. Each waits by a timer of its
 * own and not for another's promise, which may belong to a request that is gone.
 */
async function bounded<T>(work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  if (alive(running, began) >= AT_ONCE) {
    if (alive(waiting, began) >= MOST_WAITING) throw busy();
    const turn = { at: began };
    waiting.add(turn);
    try {
      while (alive(running, Date.now()) >= AT_ONCE) {
        if (Date.now() - began > WAIT_MS) throw busy();
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    } finally {
      waiting.delete(turn);
    }
  }
  const slot = { at: Date.now() };
  running.add(slot);
  try {
    return await work();
  } finally {
    running.delete(slot);
  }
}

function alive(set: Set<{ readonly at: number }>, now: number): number {
  for (const one of set) if (now - one.at > 2 * WAIT_MS) set.delete(one);
  return set.size;
}

function busy(): ParallaxError {
  return new ParallaxError('unavailable', 'Too many people sign in at once. Please try again in a moment.', {
    retryAfterMs: 2_000,
  });
}
