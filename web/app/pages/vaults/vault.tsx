import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, KeyRound, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { VaultSecretView, VaultView } from '../../../../src/contracts/vault.ts';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Confirm } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { ask } from '../../api/client.ts';
import { usePages } from '../../api/pages-of.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { deleteVault, listSecrets } from '../../api/vaults.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { AddSecret, SecretDialog } from './secrets.tsx';

const route = getRouteApi('/in/vaults/$vaultId');

const COLUMNS: readonly Column<VaultSecretView>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => <code className="font-mono">{name}</code> },
  {
    id: 'preview',
    header: 'Value',
    cell: ({ preview }) => <code className="font-mono text-12 text-text-2">{preview}</code>,
    from: 'sm',
  },
  {
    id: 'status',
    header: 'Status',
    cell: ({ status }) => (
      <Status tone={status === 'active' ? 'success' : 'neutral'}>
        {status === 'active' ? 'In use' : 'Ended'}
      </Status>
    ),
  },
  { id: 'version', header: 'Version', cell: ({ version }) => version, align: 'right', from: 'md' },
  {
    id: 'ends',
    header: 'Ends',
    cell: ({ expires_at: at }) =>
      at === null ? <span className="text-text-3">never</span> : <Time at={at} as="date" />,
    from: 'md',
  },
  { id: 'changed', header: 'Changed', cell: ({ updated_at: at }) => <Time at={at} />, from: 'lg' },
];

/** One vault with its secrets. */
export function VaultPage(): ReactNode {
  const { vaultId } = route.useParams();
  const tenant = useTenant();
  const vault = useQuery({
    queryKey: [tenant.id, 'vaults', vaultId],
    queryFn: ({ signal }) => ask<VaultView>('GET', `/v1/vaults/${encodeURIComponent(vaultId)}`, { signal }),
  });
  return (
    <PageBody>
      <p className="pb-3 text-13">
        <Link to="/vaults" className="inline-flex items-center gap-1 text-text-2 hover:text-text">
          <ArrowLeft size={14} aria-hidden />
          Vaults
        </Link>
      </p>
      {vault.error !== null && vault.data === undefined && (
        <ProblemNotice
          title="The vault could not be loaded"
          problem={asProblem(vault.error)}
          onRetry={() => void vault.refetch()}
        />
      )}
      {vault.isPending && <SkeletonLines lines={2} label="Loading the vault" />}
      {vault.data !== undefined && <Secrets vault={vault.data} />}
    </PageBody>
  );
}

function Secrets({ vault }: { readonly vault: VaultView }): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const secrets = usePages([tenant.id, 'vaults', vault.id, 'secrets'], (cursor, signal) =>
    listSecrets(vault.id, cursor, signal),
  );
  const remove = useAct(() => deleteVault(vault.id), {
    after: () => {
      say(`${vault.name} is deleted`);
      void navigate({ to: '/vaults' });
    },
    changes: [[tenant.id, 'vaults']],
  });
  const writes = may('vaults:write');
  const add = writes ? (
    <Button variant="primary" icon={Plus} onClick={() => setAdding(true)}>
      Add a secret
    </Button>
  ) : undefined;
  const open = secrets.rows?.find(({ id }) => id === openId);
  return (
    <>
      <Header
        title={vault.name}
        description={vault.description ?? 'A vault for secrets that Parallax uses for you.'}
        action={add}
        aside={
          writes ? (
            <Button variant="danger" onClick={() => setDeleting(true)}>
              Delete the vault
            </Button>
          ) : undefined
        }
      />
      <Table
        label="Secrets"
        columns={COLUMNS}
        rows={secrets.rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => setOpenId(id)}
        more={secrets.more}
        skeletons={3}
        failure={
          secrets.problem === null ? undefined : (
            <ProblemNotice
              title="The secrets could not be loaded"
              problem={secrets.problem}
              onRetry={secrets.retry}
            />
          )
        }
        empty={
          <EmptyState
            icon={KeyRound}
            title="No secrets in it yet"
            {...(add === undefined ? {} : { action: add })}
          >
            Put one in by a name. Its value is sealed at once and never shown again; only its last letters
            stand here.
          </EmptyState>
        }
      />
      {adding && <AddSecret vaultId={vault.id} onClose={() => setAdding(false)} />}
      {open !== undefined && <SecretDialog secret={open} onClose={() => setOpenId(null)} />}
      <Confirm
        open={deleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.act()}
        title={`Delete ${vault.name}?`}
        action="Delete the vault"
        busy={remove.busy}
        problem={<ProblemNotice problem={remove.problem} />}
        typed={{ label: 'To go on, type', text: vault.name }}
      >
        <p>All secrets in it are deleted with it. What uses them fails from then on.</p>
      </Confirm>
    </>
  );
}
