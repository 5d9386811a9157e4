import type { ReactNode } from 'react';
import type { AuditEntryView } from '../../../../src/contracts/audit.ts';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { country } from '../../../ui/format/country.ts';
import { Time } from '../../../ui/time.tsx';
import type { AuditSearch } from '../../search.ts';
import { actionWords, useActorName } from './audit-words.ts';

/** One entry, whole. */
export function EntryDialog({
  entry,
  onClose,
  onFilter,
}: {
  readonly entry: AuditEntryView;
  readonly onClose: () => void;
  readonly onFilter: (change: Partial<AuditSearch>) => void;
}): ReactNode {
  const actorName = useActorName();
  const digest = (text: string | null, what: string) =>
    text === null ? <span className="text-text-3">none</span> : <Copyable text={text} what={what} />;
  return (
    <Dialog
      open
      onClose={onClose}
      width="wide"
      title={actionWords(entry.action)}
      description={
        <>
          No. {entry.number}, <Time at={entry.created_at} as="exact" />
        </>
      }
      footer={
        <>
          <Button onClick={() => onFilter({ target: entry.target.id })}>All about this thing</Button>
          <Button onClick={() => onFilter({ actor: entry.actor.id })}>All by this actor</Button>
        </>
      }
    >
      <Details
        items={[
          [
            'Action',
            <code key="a" className="font-mono">
              {entry.action}
            </code>,
          ],
          ['Who', actorName(entry)],
          ['Actor', <Copyable key="actor" text={entry.actor.id} what="the actor’s id" />],
          [
            'Thing',
            <Copyable
              key="thing"
              text={entry.target.id}
              what="the thing’s id"
              shown={`${entry.target.type} ${entry.target.id}`}
            />,
          ],
          [
            'Changed',
            entry.changed === null ? (
              <span key="c" className="text-text-3">
                nothing that has fields
              </span>
            ) : (
              entry.changed.join(', ') || 'no field'
            ),
          ],
          [
            'Address',
            entry.ip ?? (
              <span key="ip" className="text-text-3">
                not known
              </span>
            ),
          ],
          [
            'Country',
            entry.country === null ? (
              <span key="co" className="text-text-3">
                not known
              </span>
            ) : (
              country(entry.country)
            ),
          ],
          [
            'Program',
            entry.user_agent ?? (
              <span key="ua" className="text-text-3">
                not known
              </span>
            ),
          ],
          [
            'Risk',
            entry.risk ?? (
              <span key="r" className="text-text-3">
                not judged
              </span>
            ),
          ],
          [
            'Request',
            entry.request_id === null ? (
              '–'
            ) : (
              <Copyable key="rq" text={entry.request_id} what="the request’s id" />
            ),
          ],
          ['Before', digest(entry.before, 'the digest before')],
          ['After', digest(entry.after, 'the digest after')],
          ['Hash', digest(entry.hash, 'the entry’s hash')],
          ['Hash before', digest(entry.previous, 'the hash of the entry before')],
        ]}
      />
    </Dialog>
  );
}
