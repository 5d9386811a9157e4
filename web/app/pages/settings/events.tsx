import { History } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SecurityEventKind, SecurityEventView } from '../../../../src/contracts/accounts.ts';
import { Badge, Status, type Tone } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { country } from '../../../ui/format/country.ts';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { listSecurityEvents } from '../../api/accounts.ts';
import { usePages } from '../../api/pages-of.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

/** What each kind of event is called, and how much it should be noticed. Complete by its type. */
const KINDS: Readonly<Record<SecurityEventKind, readonly [string, Tone]>> = {
  signed_up: ['Account made', 'neutral'],
  signed_in: ['Signed in', 'neutral'],
  sign_in_failed: ['Sign-in failed', 'warning'],
  second_factor_asked: ['Asked for more than the password', 'neutral'],
  second_factor_failed: ['Wrong code', 'warning'],
  signed_out: ['Signed out', 'neutral'],
  sessions_ended: ['Signed out elsewhere', 'info'],
  locked: ['Locked for a while', 'danger'],
  unlocked: ['Lock opened', 'info'],
  email_verified: ['Address confirmed', 'neutral'],
  email_changed: ['Address changed', 'info'],
  password_changed: ['Password changed', 'info'],
  password_reset_asked: ['New password asked for', 'info'],
  password_reset: ['Password chosen anew', 'info'],
  two_factor_enabled: ['Authenticator app set up', 'success'],
  two_factor_disabled: ['Authenticator app taken away', 'warning'],
  backup_codes_renewed: ['New backup codes', 'info'],
  backup_code_used: ['Backup code used', 'warning'],
  passkey_added: ['Passkey added', 'success'],
  passkey_removed: ['Passkey removed', 'info'],
  social_account_linked: ['Another service linked', 'info'],
  new_place_key: ['API key used from a new country', 'warning'],
  new_place_token: ['App used from a new country', 'warning'],
  data_exported: ['Data exported', 'info'],
  account_deleted: ['Account deleted', 'danger'],
};

const COLUMNS: readonly Column<SecurityEventView>[] = [
  { id: 'kind', header: 'What', cell: ({ kind }) => <Status tone={KINDS[kind][1]}>{KINDS[kind][0]}</Status> },
  { id: 'device', header: 'Device', cell: ({ device }) => device, from: 'sm' },
  {
    id: 'place',
    header: 'From',
    cell: ({ country: code, ip }) =>
      [code === null ? null : country(code), ip].filter(Boolean).join(' · ') || '–',
    from: 'md',
  },
  {
    id: 'risk',
    header: 'Risk',
    cell: ({ risk }) => (risk >= 50 ? <Badge tone="warning">{risk}</Badge> : risk),
    align: 'right',
    from: 'sm',
  },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} /> },
];

/** What happened to the account. */
export function EventsPage(): ReactNode {
  const events = usePages(['security-events'], listSecurityEvents);
  return (
    <>
      <title>Security events – Parallax</title>
      <p className="max-w-[60ch] pb-4 text-text-2">
        What happened to your account. From a risk of 50 on more than the password is asked for.
      </p>
      <Table
        label="Security events"
        columns={COLUMNS}
        rows={events.rows}
        keyOf={({ id }) => id}
        more={events.more}
        failure={
          events.problem === null ? undefined : (
            <ProblemNotice
              title="The events could not be loaded"
              problem={events.problem}
              onRetry={events.retry}
            />
          )
        }
        empty={
          <EmptyState icon={History} title="Nothing has happened">
            Sign-ins, changes of password and devices, and keys that are used from a new country stand here.
          </EmptyState>
        }
      />
    </>
  );
}
