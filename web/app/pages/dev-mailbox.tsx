import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Mail, RefreshCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Logo } from '../../ui/logo.tsx';
import { SkeletonLines } from '../../ui/skeleton.tsx';
import { SearchBox } from '../../ui/table/filter-bar.tsx';
import { ThemeSwitch } from '../../ui/theme-switch.tsx';
import { Time } from '../../ui/time.tsx';
import { listDevMails } from '../api/accounts.ts';
import { asProblem } from '../api/problem.ts';
import { ProblemNotice } from '../frame/failure.tsx';

const route = getRouteApi('/dev/mailbox');

type DevMail = Awaited<ReturnType<typeof listDevMails>>['data'][number];

/** The mails that a local deployment would have sent. They are shown as text: nothing in a mail is run. */
export function DevMailboxPage(): ReactNode {
  const { to } = route.useSearch();
  const navigate = route.useNavigate();
  const mails = useQuery({
    queryKey: ['dev-mails', to],
    queryFn: ({ signal }) => listDevMails(to ?? '', signal),
    refetchInterval: 3_000,
  });
  const [chosen, setChosen] = useState<string | null>(null);
  const all = mails.data?.data ?? [];
  const open = all.find(({ id }) => id === chosen) ?? all[0];
  return (
    <div className="flex min-h-dvh flex-col bg-surface">
      <title>Mailbox – Parallax</title>
      <header className="flex h-14 items-center justify-between gap-3 border-line border-b px-4 sm:px-6">
        <Link
          to="/overview"
          className="flex items-center gap-2 text-16 font-semibold no-underline"
          aria-label="Parallax, overview"
        >
          <Logo />
          <span className="max-sm:hidden">Parallax</span>
        </Link>
        <ThemeSwitch />
      </header>
      <main className="mx-auto w-full max-w-[1200px] flex-1 px-4 py-6 sm:px-8">
        <h1 className="text-20 font-semibold tracking-tight">Mailbox</h1>
        <p className="mt-0.5 pb-4 text-text-2">
          What this deployment would have mailed. It runs on somebody’s own machine and sends nothing.
        </p>
        <search className="flex gap-2 pb-4">
          <SearchBox
            label="To an address"
            value={to ?? ''}
            onChange={(next) =>
              void navigate({ search: { to: next === '' ? undefined : next }, replace: true })
            }
          />
          <Button icon={RefreshCw} onClick={() => void mails.refetch()}>
            Look again
          </Button>
        </search>
        {mails.error !== null && mails.data === undefined && (
          <ProblemNotice
            title={
              asProblem(mails.error).status === 404
                ? 'There is no mailbox here'
                : 'The mails could not be loaded'
            }
            problem={asProblem(mails.error)}
            onRetry={() => void mails.refetch()}
          />
        )}
        {mails.isPending && <SkeletonLines lines={4} label="Loading the mails" />}
        {mails.data !== undefined && all.length === 0 && (
          <EmptyState icon={Mail} title="No mail yet">
            Sign up, reset a password or invite somebody: the mail appears here at once.
          </EmptyState>
        )}
        {open !== undefined && (
          <div className="grid gap-6 md:grid-cols-[minmax(0,320px)_minmax(0,1fr)]">
            <ul className="max-h-[70dvh] divide-y divide-line overflow-y-auto rounded-md border border-line max-md:max-h-52">
              {all.map((mail) => (
                <li key={mail.id}>
                  <button
                    type="button"
                    aria-current={mail.id === open.id}
                    className={classes(
                      'flex w-full flex-col gap-0.5 px-3 py-2 text-left hover:bg-surface-2 focus-visible:-outline-offset-2',
                      mail.id === open.id && 'bg-lit hover:bg-lit!',
                    )}
                    onClick={() => setChosen(mail.id)}
                  >
                    <span className="flex w-full justify-between gap-3">
                      <span className="truncate font-medium">{mail.subject}</span>
                      <span className="shrink-0 text-12 text-text-3">
                        <Time at={mail.created_at} />
                      </span>
                    </span>
                    <span className="truncate text-13 text-text-2">{mail.to}</span>
                  </button>
                </li>
              ))}
            </ul>
            <Letter mail={open} />
          </div>
        )}
      </main>
    </div>
  );
}

/** A mail's text, with its links of this site as links. */
function Letter({ mail }: { readonly mail: DevMail }): ReactNode {
  const pieces = mail.text.split(/(https?:\/\/\S+)/);
  return (
    <article aria-label={mail.subject} className="min-w-0">
      <h2 className="text-16 font-semibold">{mail.subject}</h2>
      <p className="pb-4 text-13 text-text-2">
        To {mail.to}, <Time at={mail.created_at} as="exact" />
      </p>
      <div className="max-w-[72ch] whitespace-pre-wrap [overflow-wrap:anywhere]">
        {pieces.map((piece, at) =>
          at % 2 === 1 && URL.canParse(piece) && new URL(piece).origin === window.location.origin ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change
            <a key={at} href={piece} className="text-accent underline underline-offset-3">
              {piece}
            </a>
          ) : (
            piece
          ),
        )}
      </div>
    </article>
  );
}
