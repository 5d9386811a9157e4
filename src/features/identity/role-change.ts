import { newId } from '../../platform/ids.ts';
import { forgetSessionsOf } from './accounts/sessions.ts';
import { forgetMember } from './authenticate.ts';
import { callLimiter, type IdentityEnv } from './user-limiter.ts';

/** Whose role changes, and where. */
export interface RoleChange {
  readonly userId: string;
  readonly tenantId: string;
  /** Whether it ends: the user's keys for that tenant are revoked then. */
  readonly ended: boolean;
}

/**
 * Changes roles: announces it to the limiters of those concerned, runs `write`, which changes the database, and tells them that it is done. From the
 * moment of the write no lease of the old role is given; those that are out end within five seconds. That holds wherever this stops: a
 * limiter that was told of a change and of no end asks the database until it is sure.
 *
 * `write` says whether it changed anything; when it did not, nobody's keys are revoked. Throws what `write` throws, and `unavailable` when
 * a limiter cannot be told: nothing was changed then.
 */
export async function changeRoles(
  env: Pick<IdentityEnv, 'USER_LIMITER'>,
  changes: readonly RoleChange[],
  write: () => Promise<boolean>,
): Promise<boolean> {
  const name = newId('roleChange');
  await Promise.all(
    changes.map(({ userId, tenantId }) =>
      callLimiter(env, userId, (limiter) => limiter.roleMayChange(tenantId, name)),
    ),
  );
  let changed = false;
  try {
    changed = await write();
  } finally {
    // A limiter that cannot be told now finds out by itself within a minute.
    await Promise.allSettled(
      changes.map(({ userId, tenantId, ended }) =>
        callLimiter(env, userId, (limiter) => limiter.roleChanged(tenantId, name, ended && changed)),
      ),
    );
    for (const { userId } of changes) {
      forgetMember(userId);
      forgetSessionsOf(userId);
    }
  }
  return changed;
}
