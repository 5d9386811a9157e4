import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { connectedAppListSchema } from '../../../src/contracts/oauth.ts';
import { ask, get } from '../api.ts';
import { Button, PageHead, RefusalNotice, Skeleton, Time } from '../parts.tsx';

const APPS = ['connected-apps'];

export function Apps() {
  const client = useQueryClient();
  const apps = useQuery({
    queryKey: APPS,
    queryFn: () => get<z.infer<typeof connectedAppListSchema>>('/v1/connected-apps'),
  });
  const disconnect = useMutation({
    mutationFn: (id: string) => ask('DELETE', `/v1/connected-apps/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: APPS }),
  });
  const data = apps.data?.data ?? [];
  return (
    <>
      <PageHead
        title="Connected apps"
        purpose="What you let act in your name here. Disconnecting holds within five seconds."
      />
      <RefusalNotice error={disconnect.error ?? apps.error} />
      {apps.isPending ? (
        <Skeleton />
      ) : data.length === 0 ? (
        <p className="empty">
          No app is connected. Add <code>{window.location.origin}/mcp</code> to one, and it asks you.
        </p>
      ) : (
        <div className="table">
          <table>
            <thead>
              <tr>
                <th>App</th>
                <th>May use</th>
                <th>Connected</th>
                <th>Last used</th>
                <th>
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((app) => (
                <tr key={app.id}>
                  <td>
                    <bdi>{app.client.name}</bdi>
                    <span className="faint"> {app.client.host ?? app.redirect_host}</span>
                  </td>
                  <td>{app.scopes.join(', ')}</td>
                  <td>
                    <Time at={app.created_at} />
                  </td>
                  <td>
                    <Time at={app.last_used_at} />
                  </td>
                  <td className="actions">
                    <Button
                      kind="danger"
                      busy={disconnect.isPending && disconnect.variables === app.id}
                      onClick={() => disconnect.mutate(app.id)}
                      aria-label={`Disconnect ${app.client.name}`}
                    >
                      Disconnect
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
