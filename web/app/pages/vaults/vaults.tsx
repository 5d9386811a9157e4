import { useNavigate } from '@tanstack/react-router';
import { LockKeyhole, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { VaultView } from '../../../../src/contracts/vault.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { usePages } from '../../api/pages-of.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { createVault, listVaults } from '../../api/vaults.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';

const DESCRIPTION =
  'Secrets that Parallax uses for you, sealed under a key of this tenant alone. Nobody sees one again once it is kept.';

const COLUMNS: readonly Column<VaultView>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name },
  {
    id: 'description',
    header: 'What for',
    cell: ({ description }) => (
      <span className="block max-w-96 truncate text-text-2">{description ?? '–'}</span>
    ),
    from: 'sm',
  },
  { id: 'made', header: 'Made', cell: ({ created_at: at }) => <Time at={at} />, from: 'md' },
];

/** The tenant's named vaults. */
export function VaultsPage(): ReactNode {
  const may = useMay();
  return (
    <PageBody>
      {may('vaults:read') ? (
        <Vaults />
      ) : (
        <>
          <Header title="Vaults" description={DESCRIPTION} />
          <EmptyState icon={LockKeyhole} title="Owners and admins keep them">
            Ask one of them if something that you build needs a secret.
          </EmptyState>
        </>
      )}
    </PageBody>
  );
}

function Vaults(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const vaults = usePages([tenant.id, 'vaults'], listVaults);
  const make = may('vaults:write') ? (
    <Button variant="primary" icon={Plus} onClick={() => setMaking(true)}>
      Make a vault
    </Button>
  ) : undefined;
  const open = (id: string) => void navigate({ to: '/vaults/$vaultId', params: { vaultId: id } });
  return (
    <>
      <Header title="Vaults" description={DESCRIPTION} action={make} />
      <Table
        label="Vaults"
        columns={COLUMNS}
        rows={vaults.rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => open(id)}
        more={vaults.more}
        skeletons={3}
        failure={
          vaults.problem === null ? undefined : (
            <ProblemNotice
              title="The vaults could not be loaded"
              problem={vaults.problem}
              onRetry={vaults.retry}
            />
          )
        }
        empty={
          <EmptyState
            icon={LockKeyhole}
            title="No vaults yet"
            {...(make === undefined ? {} : { action: make })}
          >
            A vault holds secrets by name: keys of scrapers, secrets of webhooks. Keys for model providers
            stand under Provider keys.
          </EmptyState>
        }
      />
      {making && <MakeVault onClose={() => setMaking(false)} onMade={open} />}
    </>
  );
}

const FIELDS = ['name', 'description'] as const;

function MakeVault({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (id: string) => void;
}): ReactNode {
  const tenant = useTenant();
  const [key] = useState(() => crypto.randomUUID());
  const act = useAct((body: Parameters<typeof createVault>[0]) => createVault(body, key), {
    changes: [[tenant.id, 'vaults']],
    after: ({ id }) => onMade(id),
  });
  return (
    <Dialog open onClose={onClose} width="narrow" title="Make a vault">
      <Form
        className="flex flex-col gap-4"
        errors={act.errorsAt(...FIELDS)}
        onSubmit={({ name = '', description = '' }) =>
          act.act({ name, ...(description.trim() === '' ? {} : { description }) })
        }
      >
        <TextField label="Name" name="name" required maxLength={100} autoComplete="off" autoFocus />
        <TextField label="What for" name="description" maxLength={500} autoComplete="off" optional />
        <ProblemNotice problem={act.problemBeside(...FIELDS)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={act.busy}>
            Make the vault
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
