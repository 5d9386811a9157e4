import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Confirm } from '../../../ui/dialog.tsx';
import { count } from '../../../ui/format/money.ts';
import { Section } from '../../../ui/page-header.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { Switch } from '../../../ui/toggle.tsx';
import { type AuditSettings, changeAuditSettings, readAuditSettings } from '../../api/audit.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

/** How long entries are kept, and whether anything may be deleted at all. */
export function AuditSettingsSection(): ReactNode {
  const tenant = useTenant();
  const settings = useQuery({
    queryKey: [tenant.id, 'audit-settings'],
    queryFn: ({ signal }) => readAuditSettings(signal),
  });
  return (
    <div className="pt-10">
      <Section title="Keeping" description="Both are entries of the log themselves when they change.">
        {settings.error !== null && (
          <ProblemNotice problem={asProblem(settings.error)} onRetry={() => void settings.refetch()} />
        )}
        {settings.isPending && <SkeletonLines lines={2} label="Loading the settings" />}
        {settings.data !== undefined && <Settings settings={settings.data} />}
      </Section>
    </div>
  );
}

const KEPT = [
  { value: 'good', label: 'For good' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '1095', label: 'Three years' },
  { value: '2555', label: 'Seven years' },
  { value: '3650', label: 'Ten years' },
];

function Settings({ settings }: { readonly settings: AuditSettings }): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const mine = may('audit:manage');
  const [asking, setAsking] = useState<string | null>(null);
  const act = useAct(changeAuditSettings, {
    changes: [
      [tenant.id, 'audit-settings'],
      [tenant.id, 'audit'],
    ],
    after: () => {
      say('Saved');
      setAsking(null);
    },
    failed: ({ message }) => sayFailure('It stays as it was', message),
  });
  const present = settings.retention_days === null ? 'good' : String(settings.retention_days);
  const choices = KEPT.some(({ value }) => value === present)
    ? KEPT
    : [...KEPT, { value: present, label: `${count(settings.retention_days ?? 0)} days` }];
  return (
    <div className="flex flex-col gap-5">
      <SelectField
        label="Entries are kept"
        name="retention_days"
        choices={choices}
        value={present}
        disabled={!mine || act.busy}
        onChange={(value) => {
          const shorter = value !== 'good' && (present === 'good' || Number(value) < Number(present));
          if (shorter) setAsking(value);
          else act.act({ retention_days: value === 'good' ? null : Number(value) });
        }}
        help={`There are ${count(settings.entries)} now. Older ones are deleted from the beginning on; a sealed checkpoint stands for them.`}
      />
      <Switch
        label="Legal hold"
        help="While it is on nothing is deleted, however old it is."
        checked={settings.legal_hold}
        disabled={!mine || act.busy}
        onChange={(on) => act.act({ legal_hold: on })}
      />
      {!mine && <p className="text-13 text-text-3">Only the owner changes these.</p>}
      <Confirm
        open={asking !== null}
        onClose={() => setAsking(null)}
        onConfirm={() => act.act({ retention_days: Number(asking) })}
        title="Keep entries for a shorter time?"
        action="Keep them shorter"
        busy={act.busy}
        problem={<ProblemNotice problem={act.problem} />}
      >
        <p>
          Entries older than {choices.find(({ value }) => value === asking)?.label.toLowerCase()} are deleted,
          and cannot be brought back. Export them first if you may need them.
        </p>
      </Confirm>
    </div>
  );
}
