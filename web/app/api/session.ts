import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { SessionView, signInWaysSchema, TenantOfPerson } from '../../../src/contracts/accounts.ts';
import { allows, type Permission } from '../../../src/contracts/permissions.ts';
import { ask } from './client.ts';
import { Problem } from './problem.ts';

export type SignInWays = z.infer<typeof signInWaysSchema>;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => ask<SessionView>('GET', '/v1/session', { signal }),
  staleTime: 60_000,
});

export const waysQuery = queryOptions({
  queryKey: ['ways'],
  queryFn: ({ signal }) => ask<SignInWays>('GET', '/auth/ways', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Who is signed in; null when nobody is. Throws a `Problem` when that cannot be found out. */
export async function currentSession(client: QueryClient): Promise<SessionView | null> {
  try {
    return await client.ensureQueryData(sessionQuery);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** The session of a page that is shown to signed-in people only. */
export function useSession(): SessionView {
  const { data } = useQuery(sessionQuery);
  if (data === undefined) throw new Error('there is no session on this page');
  return data;
}

/** The tenant that this page acts for. Pages of the frame are only shown when there is one. */
export function useTenant(): TenantOfPerson {
  const { tenant } = useSession();
  if (tenant === null) throw new Error('no tenant is chosen');
  return tenant;
}

/** Whether the person may do something in the present tenant, by the same table that the server decides by. */
export function useMay(): (permission: Permission) => boolean {
  const session = useSession();
  return (permission) =>
    session.tenant !== null &&
    allows(
      {
        tenantId: session.tenant.id,
        userId: session.person.id,
        role: session.tenant.role,
        via: 'session',
        scopes: [],
      },
      permission,
    );
}

/** Makes the session act for another tenant. Lists are kept by tenant, so that nothing of the one is shown under the other. */
export function useSwitchTenant(): (tenantId: string) => Promise<SessionView> {
  const client = useQueryClient();
  return async (tenantId) => {
    const session = await ask<SessionView>('POST', '/v1/session/tenant', { body: { tenant_id: tenantId } });
    client.setQueryData(sessionQuery.queryKey, session);
    return session;
  };
}
