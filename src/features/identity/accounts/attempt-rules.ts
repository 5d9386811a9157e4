/** How often something may be tried, and what follows. Times in milliseconds. */
export interface AttemptRule {
  /** Attempts that may fail, each within the window of the one before. */
  readonly most: number;
  readonly windowMs: number;
  /** How long the first lock holds; 0: no lock, the window alone refuses. */
  readonly lockMs: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Passwords: five failures in a quarter of an hour lock the account. */
export const PASSWORD_RULE: AttemptRule = { most: 5, windowMs: 15 * MINUTE, lockMs: 15 * MINUTE };
/** Mails to one address, whoever asks for them. */
export const MAIL_RULE: AttemptRule = { most: 5, windowMs: 60 * MINUTE, lockMs: 0 };
/** Locks that came before are forgotten after a day without attempts. */
export const LOCKS_KEPT_MS = DAY;
/** A code of an authenticator app, for longer than it is accepted. */
export const CODE_ONCE: AttemptRule = { most: 1, windowMs: 2 * MINUTE, lockMs: 0 };
/** Most tries at one mailed code. */
export const CODE_TRIES = 5;

/** How long the lock holds that comes after `locks` earlier ones: each twice as long as the one before, a day at most. */
export function lockLengthMs(rule: AttemptRule, locks: number): number {
  return Math.min(DAY, rule.lockMs * 2 ** Math.min(locks, 20));
}

/** A length of time as people say it, rounded up: "15 minutes", "2 hours". */
export function inWords(milliseconds: number): string {
  const minutes = Math.max(1, Math.ceil(milliseconds / MINUTE));
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}
