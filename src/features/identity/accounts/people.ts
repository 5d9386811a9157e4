import { eq } from 'drizzle-orm';
import type { PersonView } from '../../../contracts/accounts.ts';
import type { Person } from '../../../contracts/principal.ts';
import { iso } from '../../../platform/clock.ts';
import { platformDb } from '../../../platform/db.ts';
import { users } from '../schema.ts';

export type User = typeof users.$inferSelect;

/** A person by their address, which is kept in lower case. */
export async function userByEmail(d1: D1Database, email: string): Promise<User | undefined> {
  const [user] = await platformDb(d1)
    .select()
    .from(users)
    .where(eq(users.email, email.toLowerCase()))
    .limit(1);
  return user;
}

export async function userById(d1: D1Database, id: string): Promise<User | undefined> {
  const [user] = await platformDb(d1).select().from(users).where(eq(users.id, id)).limit(1);
  return user;
}

export function userView(user: User): PersonView {
  return {
    object: 'person',
    id: user.id,
    name: user.name,
    email: user.email,
    email_verified: user.emailVerified,
    two_factor: user.twoFactorEnabled,
    operator: user.operator,
    created_at: iso(user.createdAt),
  };
}

export function personView(person: Person): PersonView {
  return {
    object: 'person',
    id: person.userId,
    name: person.name,
    email: person.email,
    email_verified: person.emailVerified,
    two_factor: person.twoFactor,
    operator: person.operator,
    created_at: iso(person.createdAt),
  };
}
