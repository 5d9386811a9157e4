import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button, IconButton } from './button.tsx';

/** Whether something was copied just now, and the way to copy it. */
export function useCopy(text: string): { readonly copied: boolean; readonly copy: () => void } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // A browser may refuse; the text stands there to be selected by hand.
      () => setCopied(false),
    );
  };
  return { copied, copy };
}

export function CopyButton({
  text,
  what,
  words = false,
}: {
  readonly text: string;
  /** What is copied, for people who cannot see it: “the key”. */
  readonly what: string;
  readonly words?: boolean;
}): ReactNode {
  const { copied, copy } = useCopy(text);
  if (words) {
    return (
      <Button icon={copied ? Check : Copy} onClick={copy} aria-label={copied ? 'Copied' : `Copy ${what}`}>
        {copied ? 'Copied' : 'Copy'}
      </Button>
    );
  }
  return (
    <IconButton
      size="dense"
      icon={copied ? Check : Copy}
      label={copied ? 'Copied' : `Copy ${what}`}
      onClick={copy}
    />
  );
}

/** A short text that is copied whole: an id, an address. */
export function Copyable({
  text,
  what,
  shown = text,
}: {
  readonly text: string;
  readonly what: string;
  readonly shown?: string;
}): ReactNode {
  return (
    <span className="inline-flex min-w-0 max-w-full items-center gap-0.5">
      <code className="truncate font-mono text-13">{shown}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}
