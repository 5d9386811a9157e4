import { WrapText } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';
import { CopyButton } from './copy.tsx';

/** Text for a machine: its language, copy, and lines that wrap when asked to. */
export function Code({
  code,
  language,
  what = 'the code',
  label,
}: {
  readonly code: string;
  readonly language: string;
  readonly what?: string;
  readonly label?: string | undefined;
}): ReactNode {
  const [wrapped, setWrapped] = useState(false);
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-surface-2">
      <figcaption className="flex h-9 items-center gap-1 border-line border-b pr-1 pl-3 text-12 text-text-3 pointer-coarse:h-12">
        <span className="min-w-0 flex-1 truncate">{label ?? language}</span>
        <IconButton
          size="dense"
          icon={WrapText}
          label="Wrap long lines"
          aria-pressed={wrapped}
          onClick={() => setWrapped(!wrapped)}
        />
        <CopyButton text={code} what={what} />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
        tabIndex={0}
        className={classes(
          'overflow-x-auto px-3 py-2.5 font-mono text-13 focus-visible:-outline-offset-2',
          wrapped && 'whitespace-pre-wrap [overflow-wrap:anywhere]',
        )}
      >
        <code data-language={language}>{code}</code>
      </pre>
    </figure>
  );
}

/** A secret that is shown this once. */
export function SecretOnce({
  secret,
  what,
  children,
}: {
  readonly secret: string;
  readonly what: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-2 rounded-md border border-accent bg-lit py-2 pr-2 pl-3">
        <code className="min-w-0 flex-1 font-mono text-13 [overflow-wrap:anywhere]" data-secret>
          {secret}
        </code>
        <CopyButton text={secret} what={what} words />
      </div>
      <p className="text-13 text-text-2">
        {children ?? 'Keep it now: it is shown this once and cannot be had again.'}
      </p>
    </div>
  );
}
