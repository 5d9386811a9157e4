import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { Refused } from './api.ts';

/** A button that says what it does; `busy` keeps it from being pressed twice. */
export function Button({
  kind = 'quiet',
  busy = false,
  children,
  ...rest
}: ComponentProps<'button'> & { readonly kind?: 'primary' | 'quiet' | 'danger'; readonly busy?: boolean }) {
  return (
    <button type="button" {...rest} className={`button ${kind}`} disabled={busy || rest.disabled}>
      {busy ? <span className="spinner" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}

/** A field with its label above, help under, and what is wrong with it beside. */
export function Field({
  label,
  help,
  error,
  ...input
}: ComponentProps<'input'> & {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | null | undefined;
}) {
  const id = useId();
  const described = [help === undefined ? '' : `${id}-help`, error ? `${id}-error` : '']
    .filter((one) => one !== '')
    .join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described === '' ? undefined : described}
      />
      {help === undefined ? null : (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
      {error ? (
        <p className="error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** What happened, said aloud to screen readers as well. */
export function Notice({
  kind,
  children,
}: {
  readonly kind: 'info' | 'success' | 'warning' | 'danger';
  readonly children: ReactNode;
}) {
  return (
    <div className={`notice ${kind}`} role={kind === 'danger' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** The refusal that belongs to no field. */
export function RefusalNotice({
  error,
  fields = [],
}: {
  readonly error: unknown;
  readonly fields?: string[];
}) {
  if (error === null || error === undefined) return null;
  if (error instanceof Refused && error.param !== null && fields.includes(error.param)) return null;
  return (
    <Notice kind="danger">
      {error instanceof Error ? error.message : 'Something went wrong. Please try again.'}
    </Notice>
  );
}

/** What is wrong with a field, when the server says so. */
export function errorOf(error: unknown, param: string): string | null {
  return error instanceof Refused && error.param === param ? error.message : null;
}

/** A secret that is shown once, with a way to take it along. */
export function Secret({ value, label }: { readonly value: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="secret">
      <code>
        <span className="visually-hidden">{label}: </span>
        {value}
      </code>
      <Button
        onClick={async () => {
          await navigator.clipboard.writeText(value);
          setCopied(true);
        }}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
    </div>
  );
}

export function Snippet({ title, text }: { readonly title: string; readonly text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <figure className="code">
      <figcaption>
        {title}
        <Button
          onClick={async () => {
            await navigator.clipboard.writeText(text);
            setCopied(true);
          }}
        >
          {copied ? 'Copied' : 'Copy'}
        </Button>
      </figcaption>
      <pre>{text}</pre>
    </figure>
  );
}

/** A table's rows while they come, in their shape. */
export function Skeleton({ rows = 3 }: { readonly rows?: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without content have nothing else to be told apart by.
        <div key={row} />
      ))}
    </div>
  );
}

export function PageHead({
  title,
  purpose,
  children,
}: {
  readonly title: string;
  readonly purpose: string;
  readonly children?: ReactNode;
}) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        <p>{purpose}</p>
      </div>
      {children}
    </header>
  );
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export function Time({ at }: { readonly at: string | null }) {
  if (at === null) return <span className="faint">never</span>;
  return <time dateTime={at}>{DATE.format(new Date(at))}</time>;
}

export function Brand() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true" className="brand-mark">
      <path className="ray-a" d="M6 25 16 7" />
      <path className="ray-b" d="M16 25V7" />
      <path className="ray-c" d="M26 25 16 7" />
    </svg>
  );
}
