import type { ReactNode } from 'react';

/** Three rays that meet: the same thing, seen from several places. */
export function Logo({ size = 22 }: { readonly size?: number }): ReactNode {
  return (
    <svg
      viewBox="0 0 32 32"
      width={size}
      height={size}
      fill="none"
      strokeWidth={3}
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M6 25 16 7" className="stroke-accent" />
      <path d="M16 25V7" className="stroke-text" />
      <path d="M26 25 16 7" className="stroke-text-3" />
    </svg>
  );
}
