import type { ReactNode } from 'react';
import { exactNano, nanoToUsd, usd } from './format/money.ts';

/** An amount, with the exact figure on hover. */
export function Money({ nano }: { readonly nano: number }): ReactNode {
  return (
    <data value={String(nano)} title={exactNano(nano)} className="whitespace-nowrap tabular-nums">
      {usd(nanoToUsd(nano))}
    </data>
  );
}
