import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Logo } from '../../ui/logo.tsx';
import { Notice } from '../../ui/notice.tsx';
import { asProblem, type Problem } from '../api/problem.ts';

/** What went wrong, in words, with a way on. */
export function ProblemNotice({
  problem,
  onRetry,
  title,
}: {
  readonly problem: Problem | null;
  readonly onRetry?: (() => void) | undefined;
  readonly title?: string | undefined;
}): ReactNode {
  if (problem === null) return null;
  return (
    <Notice
      tone="danger"
      {...(title === undefined ? {} : { title })}
      {...(onRetry === undefined
        ? {}
        : {
            action: (
              <Button size="dense" onClick={onRetry}>
                Try again
              </Button>
            ),
          })}
    >
      <p>{problem.message}</p>
      {problem.status >= 500 && problem.requestId !== null && (
        <p className="mt-1 text-12 text-text-3">
          Request <code className="font-mono">{problem.requestId}</code>
        </p>
      )}
    </Notice>
  );
}

/** A page that could not be shown. */
export function FailurePage({
  error,
  reset,
}: {
  readonly error: unknown;
  readonly reset?: () => void;
}): ReactNode {
  return (
    <Alone title="This page could not be shown">
      <ProblemNotice problem={asProblem(error)} onRetry={reset ?? (() => window.location.reload())} />
    </Alone>
  );
}

export function NotFoundPage(): ReactNode {
  return (
    <Alone title="There is no such page">
      <p className="text-text-2">The address may be misspelt, or the page may have moved.</p>
      <div>
        <Link to="/overview" className={buttonClass('primary')}>
          Go to the overview
        </Link>
      </div>
    </Alone>
  );
}

function Alone({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <main className="mx-auto flex min-h-[60dvh] w-full max-w-[440px] flex-col justify-center gap-4 px-4 py-10">
      <title>{`${title} – Parallax`}</title>
      <Logo size={28} />
      <h1 className="text-20 font-semibold">{title}</h1>
      {children}
    </main>
  );
}
