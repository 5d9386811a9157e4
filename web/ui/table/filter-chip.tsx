import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../button.tsx';

/** A filter that holds; a press takes it away. */
export function FilterChip({
  name,
  value,
  onRemove,
}: {
  readonly name: string;
  readonly value: string;
  readonly onRemove: () => void;
}): ReactNode {
  return (
    <Button onClick={onRemove}>
      <span className="sr-only">Take away: </span>
      <span className="text-text-3">{name}</span>
      <span className="max-w-40 truncate text-13">{value}</span>
      <X size={14} aria-hidden />
    </Button>
  );
}
