import type { Clock } from '../../platform/clock.ts';
import { memberSince } from '../identity/index.ts';
import { isLive, liveApp, noteUse } from './apps.ts';
import type { GrantOwner } from './grant-owner.ts';

/** How long an isolate believes that an app is connected: what was disconnected works no longer anywhere. Milliseconds. */
export const APP_AGE_MS = 5_000;
/** How often an app's last use is written, in milliseconds. */
const LAST_USE_MS = 60_000;
const MOST_KNOWN = 2_000;

interface KnownApp {
  readonly at: number;
  readonly connected: boolean;
}

const known = new Map<string, KnownApp>();

/** Whether an app is still connected: asked of the database once in five seconds an isolate. Notes that it was used, once a minute. */
export async function isConnected(
  env: Env,
  { tenantId, userId }: GrantOwner,
  id: string,
  clock: Clock,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<boolean> {
  const now = clock.now();
  const kept = known.get(id);
  if (kept !== undefined && now - kept.at < APP_AGE_MS) return kept.connected;
  const [app, since] = await Promise.all([
    liveApp(env.DB, { tenantId, userId }, id),
    memberSince(env, userId, tenantId),
  ]);
  const connected = isLive(app, since);
  known.delete(id);
  // The time of the question, not of the answer: what it says may have changed since.
  known.set(id, { at: now, connected });
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value ?? '');
  if (connected && now - (app?.lastUsedAt ?? 0) > LAST_USE_MS)
    waitUntil(noteUse(env.DB, { tenantId, userId }, id, now).catch(() => undefined));
  return connected;
}

/** Forgets what this isolate knows of an app that it has just ended; the others ask again within five seconds. */
export function forgetApp(id: string): void {
  known.delete(id);
}
