import { type ReactNode, useEffect, useState } from 'react';
import { ago, date, exactTime } from './format/time.ts';

/** The present, moving on every half minute while the page is looked at. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A moment: how long ago, or its date; the exact one on hover. */
export function Time({
  at,
  as = 'ago',
}: {
  readonly at: string;
  readonly as?: 'ago' | 'date' | 'exact';
}): ReactNode {
  const now = useNow();
  const text = as === 'ago' ? ago(at, now) : as === 'date' ? date(at) : exactTime(at);
  return (
    <time dateTime={at} title={exactTime(at)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
