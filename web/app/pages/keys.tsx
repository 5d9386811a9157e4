import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { z } from 'zod';
import type { ApiKeyView, createdApiKeySchema } from '../../../src/contracts/identity.ts';
import { ask, get, post } from '../api.ts';
import {
  Button,
  errorOf,
  Field,
  Notice,
  PageHead,
  RefusalNotice,
  Secret,
  Skeleton,
  Time,
} from '../parts.tsx';

const KEYS = ['api-keys'];

export function Keys() {
  const client = useQueryClient();
  const keys = useQuery({ queryKey: KEYS, queryFn: () => get<{ data: ApiKeyView[] }>('/v1/api-keys') });
  const [making, setMaking] = useState(false);
  const create = useMutation({
    mutationFn: (body: object) => post<z.infer<typeof createdApiKeySchema>>('/v1/api-keys', body),
    onSuccess: async () => {
      setMaking(false);
      await client.invalidateQueries({ queryKey: KEYS });
    },
  });
  const revoke = useMutation({
    mutationFn: (id: string) => ask('DELETE', `/v1/api-keys/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const limit = String(data.get('monthly_limit_usd') ?? '');
    create.mutate({
      name: String(data.get('name') ?? ''),
      ...(limit === '' ? {} : { monthly_limit_usd: Number(limit) }),
    });
  };
  const live = (keys.data?.data ?? []).filter(({ revoked_at }) => revoked_at === null);
  return (
    <>
      <PageHead title="API keys" purpose="For programs. Each can have its own limits, and is shown once.">
        <Button kind="primary" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      </PageHead>
      {create.data === undefined ? null : (
        <Notice kind="success">
          <p>
            This is <bdi>{create.data.name}</bdi>. It is shown this once: keep it somewhere safe.
          </p>
          <Secret value={create.data.key} label="The new API key" />
        </Notice>
      )}
      {making ? (
        <form className="panel" onSubmit={submit} aria-label="A new API key">
          <Field
            label="Name"
            name="name"
            required
            maxLength={100}
            autoFocus
            help="What uses it, so that you know it again."
            error={errorOf(create.error, 'name')}
          />
          <Field
            label="Monthly limit in US dollars"
            name="monthly_limit_usd"
            type="number"
            min="0.01"
            step="0.01"
            inputMode="decimal"
            help="Of your credit; empty for none."
            error={errorOf(create.error, 'monthly_limit_usd')}
          />
          <RefusalNotice error={create.error} fields={['name', 'monthly_limit_usd']} />
          <div className="row">
            <Button type="submit" kind="primary" busy={create.isPending}>
              Make the key
            </Button>
            <Button onClick={() => setMaking(false)}>Cancel</Button>
          </div>
        </form>
      ) : null}
      <RefusalNotice error={revoke.error ?? keys.error} />
      {keys.isPending ? (
        <Skeleton />
      ) : live.length === 0 ? (
        <p className="empty">No keys yet. Make one for your first program; coding agents need none.</p>
      ) : (
        <div className="table">
          <table>
            <thead>
              <tr>
                <th>Name</th>
                <th>Key</th>
                <th>Limit a month</th>
                <th>Last used</th>
                <th>
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {live.map((key) => (
                <tr key={key.id}>
                  <td>
                    <bdi>{key.name}</bdi>
                  </td>
                  <td>
                    <code>
                      {key.prefix}…{key.last4}
                    </code>
                  </td>
                  <td className="number">
                    {key.monthly_limit_usd === null ? (
                      <span className="faint">none</span>
                    ) : (
                      `$${key.monthly_limit_usd}`
                    )}
                  </td>
                  <td>
                    <Time at={key.last_used_at} />
                  </td>
                  <td className="actions">
                    <Button
                      kind="danger"
                      busy={revoke.isPending && revoke.variables === key.id}
                      onClick={() => revoke.mutate(key.id)}
                      aria-label={`Revoke ${key.name}`}
                    >
                      Revoke
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
