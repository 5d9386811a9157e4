import { useQuery } from '@tanstack/react-query';
import { useTenant } from '../../api/session.ts';
import { readTenant } from '../../api/tenants.ts';

/** Whether this tenant is the person's own space, which nobody else joins; undefined while it is not known. */
export function usePersonal(): boolean | undefined {
  const { id } = useTenant();
  return useQuery({ queryKey: [id, 'tenant'], queryFn: ({ signal }) => readTenant(id, signal) }).data
    ?.personal;
}
