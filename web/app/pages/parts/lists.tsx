import { KeyRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Avatar } from '../../../ui/avatar.tsx';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Gauge } from '../../../ui/gauge.tsx';
import { HUES } from '../../../ui/hue.ts';
import { Kbd } from '../../../ui/kbd.tsx';
import { Money } from '../../../ui/money.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import type { Column, Sort } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { Problem } from '../../api/problem.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Group, Sample } from './sample.tsx';

export function Figures(): ReactNode {
  const now = Date.now();
  return (
    <Group title="People, money, times">
      <Sample of="avatars: a hue by name, the same everywhere">
        {Array.from({ length: HUES }, (_, at) => (
          <span key={NAMES[at]} className="flex items-center gap-1.5 text-13">
            <Avatar name={NAMES[at] ?? ''} />
            {NAMES[at]}
          </span>
        ))}
      </Sample>
      <Sample of="money: as many digits as matter, the exact figure on hover">
        {[0, 900, 12_300_000, 1_234_567_890, 100_000_000_000].map((nano) => (
          <Money key={nano} nano={nano} />
        ))}
      </Sample>
      <Sample of="times">
        <Time at={new Date(now - 5_000).toISOString()} />
        <Time at={new Date(now - 300_000).toISOString()} />
        <Time at={new Date(now + 7_200_000).toISOString()} />
        <Time at="2026-03-04T14:05:09.000Z" as="date" />
        <Kbd>⌘ K</Kbd>
      </Sample>
      <Sample of="how much is used: some, little left, none left">
        <div className="grid w-full max-w-md gap-4">
          {[17, 170, 200].map((used) => (
            <Gauge key={used} label="Messages" used={used} limit={200} />
          ))}
        </div>
      </Sample>
      <Sample of="while it loads">
        <SkeletonLines />
      </Sample>
    </Group>
  );
}

const NAMES = [
  'Ada',
  'Grace',
  'Alan',
  'Barbara',
  'Edsger',
  'Frances',
  'Donald',
  'Margaret',
  'John',
  'Radia',
  'Ken',
  'Katherine',
];

interface Row {
  readonly id: number;
  readonly name: string;
  readonly live: boolean;
  readonly spent: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'status',
    header: 'Status',
    cell: ({ live }) => <Status tone={live ? 'success' : 'neutral'}>{live ? 'Live' : 'Revoked'}</Status>,
  },
  {
    id: 'spent',
    header: 'Spent',
    cell: ({ spent }) => usd(spent),
    sort: ({ spent }) => spent,
    align: 'right',
  },
];

const FEW = rows(4);
const MANY = rows(10_000);

function rows(many: number): Row[] {
  return Array.from({ length: many }, (_, id) => ({
    id,
    name: `${NAMES[id % NAMES.length]}’s key ${id + 1}`,
    live: id % 5 !== 3,
    spent: ((id * 7919) % 10_007) / 1_000,
  }));
}

export function Lists(): ReactNode {
  const [sort, setSort] = useState<Sort | null>({ column: 'spent', descending: true });
  const empty = (
    <EmptyState icon={KeyRound} title="No keys yet" action={<Button variant="primary">Make a key</Button>}>
      A key lets a program use the models in your name.
    </EmptyState>
  );
  const keyOf = ({ id }: Row) => String(id);
  return (
    <Group title="Tables">
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        <Sample of="few, sorted, one chosen">
          <div className="w-full">
            <Table
              label="A few keys"
              columns={COLUMNS}
              rows={FEW}
              keyOf={keyOf}
              onOpen={() => undefined}
              selected="1"
              sort={sort}
              onSort={setSort}
              empty={empty}
            />
          </div>
        </Sample>
        <Sample of="while it loads">
          <div className="w-full">
            <Table
              label="Keys that load"
              columns={COLUMNS}
              rows={undefined}
              keyOf={keyOf}
              empty={empty}
              skeletons={4}
            />
          </div>
        </Sample>
        <Sample of="nothing there">
          <div className="w-full">
            <Table label="No keys" columns={COLUMNS} rows={[]} keyOf={keyOf} empty={empty} />
          </div>
        </Sample>
        <Sample of="could not be loaded">
          <div className="w-full">
            <Table
              label="Keys that failed"
              columns={COLUMNS}
              rows={undefined}
              keyOf={keyOf}
              empty={empty}
              failure={
                <ProblemNotice
                  title="The keys could not be loaded"
                  problem={
                    new Problem({
                      status: 503,
                      code: 'unavailable',
                      message: 'The database does not answer. Try again in a moment.',
                      requestId: 'req_example',
                    })
                  }
                  onRetry={() => undefined}
                />
              }
            />
          </div>
        </Sample>
        <Sample of="ten thousand rows, with more to load">
          <div className="h-80 w-full overflow-hidden [&_section]:max-h-64">
            <Table
              label="Many keys"
              columns={COLUMNS}
              rows={MANY}
              keyOf={keyOf}
              empty={empty}
              more={{ has: true, loading: false, load: () => undefined }}
            />
          </div>
        </Sample>
      </div>
    </Group>
  );
}
