import {
  Building2,
  Ellipsis,
  KeyRound,
  type LucideIcon,
  Pencil,
  Trash2,
  UserRound,
  Vault,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { BudgetScope, BudgetView } from '../../../../src/contracts/budgets.ts';
import { Status } from '../../../ui/badge.tsx';
import { IconButton } from '../../../ui/button.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Bar } from '../../../ui/gauge.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { Money } from '../../../ui/money.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { beyondWords, limitNano, PERIOD_WORDS, shareWords, standingOf } from './words.ts';

const ICONS: Readonly<Record<BudgetScope, LucideIcon>> = {
  tenant: Building2,
  member: UserRound,
  key: KeyRound,
  provider_key: Vault,
};

/** On a wide screen beside each other: whose it is, how far it is, what that means. On a phone under each other. */
const LINE =
  'relative grid gap-x-8 gap-y-3 px-4 py-3.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1.3fr)_180px] md:items-start';

export interface BudgetItemProps {
  readonly budget: BudgetView;
  /** Whom or what it bounds; undefined while that is loaded. */
  readonly whose: string | undefined;
  readonly onOpen: () => void;
  /** Undefined for who may change nothing. */
  readonly onRemove: (() => void) | undefined;
}

/** One budget and how it stands. */
export function BudgetItem({ budget, whose, onOpen, onRemove }: BudgetItemProps): ReactNode {
  const { name, subject } = budget;
  const { word, tone } = standingOf(budget);
  const Icon = ICONS[budget.scope];
  return (
    <li className={onRemove === undefined ? LINE : `${LINE} md:pr-14`}>
      <div className={onRemove === undefined ? 'min-w-0' : 'min-w-0 max-md:pr-10'}>
        <h2 className="text-14 font-medium [overflow-wrap:anywhere]">
          <button type="button" className="rounded-sm text-left hover:underline" onClick={onOpen}>
            {name}
          </button>
        </h2>
        <p className="flex items-center gap-1.5 text-13 text-text-2">
          <Icon size={14} aria-hidden className="shrink-0 text-text-3" />
          {whose === undefined ? (
            <Skeleton className="h-3 w-24" />
          ) : (
            <span className="truncate" title={subject ?? undefined}>
              {whose}
            </span>
          )}
        </p>
      </div>
      <Spent budget={budget} />
      <div className="flex flex-wrap items-center gap-x-3 text-13 md:flex-col md:items-start">
        <Status tone={tone}>{word}</Status>
        <p className="text-text-2">{beyondWords(budget)}</p>
      </div>
      {onRemove !== undefined && (
        <div className="absolute top-2.5 right-3">
          <Menu
            align="end"
            trigger={<IconButton icon={Ellipsis} size="dense" label={`What can be done about ${name}`} />}
          >
            <MenuItem icon={Pencil} onSelect={onOpen}>
              Change
            </MenuItem>
            <MenuItem icon={Trash2} danger onSelect={onRemove}>
              Delete
            </MenuItem>
          </Menu>
        </div>
      )}
    </li>
  );
}

function Spent({ budget }: { readonly budget: BudgetView }): ReactNode {
  const { name, limit_usd: limitUsd, spent_nano_usd: spent, period, resets_at: end } = budget;
  const limit = limitNano(budget);
  const over = spent > limit;
  return (
    <div className="min-w-0 text-13">
      <p className="flex items-baseline justify-between gap-4 tabular-nums">
        <span>
          <span className="font-medium">
            <Money nano={spent} />
          </span>{' '}
          <span className="text-text-2">
            of {usd(limitUsd)} {PERIOD_WORDS[period].each}
          </span>
        </span>
        <span className="shrink-0 text-text-2">{shareWords(budget)}</span>
      </p>
      <Bar
        label={`Spent of ${name}`}
        used={spent}
        limit={limit}
        words={`${usd(spent / 1e9)} of ${usd(limitUsd)} spent`}
      />
      <p className="flex items-baseline justify-between gap-4 pt-1.5 text-12 text-text-3 tabular-nums">
        <span>
          <Money nano={Math.abs(limit - spent)} /> {over ? 'over' : 'left'}
        </span>
        <span>
          Begins anew <Time at={end} />
        </span>
      </p>
    </div>
  );
}

/** The shape of one that is loaded. */
export function BudgetSkeleton(): ReactNode {
  return (
    <li className={LINE}>
      <div className="flex flex-col gap-2 py-0.5">
        <Skeleton className="w-32" />
        <Skeleton className="h-3 w-24" />
      </div>
      <div className="flex flex-col gap-2 py-0.5">
        <Skeleton className="h-3 w-40" />
        <Skeleton className="h-1.5 w-full" />
        <Skeleton className="h-3 w-20" />
      </div>
      <div className="flex flex-col gap-2 py-0.5">
        <Skeleton className="h-3 w-16" />
        <Skeleton className="h-3 w-36" />
      </div>
    </li>
  );
}
