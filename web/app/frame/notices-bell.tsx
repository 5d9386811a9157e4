import { Link } from '@tanstack/react-router';
import { Bell } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { NoticeView } from '../../../src/contracts/notices.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { Popover } from '../../ui/popover.tsx';
import { Time } from '../../ui/time.tsx';
import { useNotices } from '../api/notices.ts';

/** The bell: how much is new, and what it is. What is shown counts as read. */
export function NoticesBell({ small = false }: { readonly small?: boolean }): ReactNode {
  const { rows, unread, failed, refresh, markRead } = useNotices();
  const [open, setOpen] = useState(false);
  const label = unread === 0 ? 'Notices' : `Notices: ${unread > 99 ? 'over 99' : unread} new`;
  return (
    <span className="relative inline-flex flex-none">
      <Popover
        title="Notices"
        side={small ? 'bottom' : 'top'}
        align={small ? 'end' : 'start'}
        open={open}
        onOpen={(opens) => {
          setOpen(opens);
          if (opens) markRead();
          // What was new has been seen by now.
          else refresh();
        }}
        trigger={<IconButton icon={Bell} label={label} size="dense" />}
      >
        {failed ? (
          <div className="flex flex-col items-start gap-3 px-3 pt-1 pb-3 text-13">
            <p className="text-text-2">They could not be loaded.</p>
            <Button size="dense" onClick={refresh}>
              Try again
            </Button>
          </div>
        ) : rows === undefined || rows.length === 0 ? (
          <p className="px-3 pt-1 pb-3 text-13 text-text-2">
            {rows === undefined
              ? 'Loading…'
              : 'Nothing yet. How far budgets are is told here, and what stops by itself.'}
          </p>
        ) : (
          <ul className="flex flex-col pb-1">
            {rows.map((notice) => (
              <li key={notice.id} className="border-line border-t first:border-t-0">
                <Told notice={notice} onGo={() => setOpen(false)} />
              </li>
            ))}
          </ul>
        )}
      </Popover>
      {unread > 0 && (
        <span
          aria-hidden
          className="pointer-events-none absolute top-0.5 right-0.5 size-2 rounded-full bg-accent ring-2 ring-surface"
        />
      )}
    </span>
  );
}

function Told({ notice, onGo }: { readonly notice: NoticeView; readonly onGo: () => void }): ReactNode {
  const text = (
    <span className="grid grid-cols-[8px_1fr] gap-x-2.5 px-3 py-2.5 text-13">
      <span
        aria-hidden
        className={classes('mt-1.5 size-1.5 rounded-full', notice.read ? 'bg-transparent' : 'bg-accent')}
      />
      <span className="flex min-w-0 flex-col gap-0.5">
        <span className="font-medium text-text">
          {!notice.read && <span className="sr-only">New: </span>}
          {notice.title}
        </span>
        <span className="text-text-2">{notice.body}</span>
        <span className="text-12 text-text-3">
          <Time at={notice.created_at} />
        </span>
      </span>
    </span>
  );
  if (notice.link === null) return text;
  return (
    <Link to={notice.link} onClick={onGo} className="block rounded-md no-underline hover:bg-surface-3">
      {text}
    </Link>
  );
}
