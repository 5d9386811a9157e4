import type { ReactNode } from 'react';
import { TextField } from '../../../ui/field.tsx';
import { RadioChoices } from '../../../ui/toggle.tsx';
import { readLimit } from './words.ts';

/** Fields that making and changing a budget have in common. */

export function NameField({
  of,
  focus = false,
}: {
  readonly of?: string;
  readonly focus?: boolean;
}): ReactNode {
  return (
    <TextField
      label="Name"
      name="name"
      maxLength={80}
      autoComplete="off"
      placeholder="Everything"
      {...(of === undefined ? {} : { defaultValue: of })}
      autoFocus={focus}
    />
  );
}

export function LimitField({
  label = 'Limit',
  of,
  help,
  onChange,
}: {
  readonly label?: string;
  readonly of?: number;
  readonly help?: ReactNode | undefined;
  readonly onChange?: (text: string) => void;
}): ReactNode {
  return (
    <TextField
      label={label}
      name="limit_usd"
      inputMode="decimal"
      before="$"
      autoComplete="off"
      placeholder="50.00"
      {...(of === undefined ? {} : { defaultValue: of.toFixed(2) })}
      help={help}
      onValueChange={onChange}
    />
  );
}

export function HardField({
  hard,
  onChange,
}: {
  readonly hard: boolean;
  readonly onChange: (hard: boolean) => void;
}): ReactNode {
  return (
    <div className="flex flex-col gap-1">
      <p aria-hidden className="text-13 font-medium">
        Beyond the limit
      </p>
      <RadioChoices
        label="Beyond the limit"
        value={hard ? 'hard' : 'soft'}
        onChange={(value) => onChange(value === 'hard')}
        choices={[
          {
            value: 'hard',
            label: 'Refuse calls',
            help: 'A call that may not fit into what is left is not made.',
          },
          {
            value: 'soft',
            label: 'Let calls go on',
            help: 'They are counted, and none is refused.',
          },
        ]}
      />
    </div>
  );
}

export const FIELDS = ['name', 'subject', 'limit_usd'] as const;

export type Wrong = Readonly<Partial<Record<(typeof FIELDS)[number], string>>>;

export interface Typed {
  readonly name: string;
  readonly usd: number;
}

/** What was typed, or what is wrong with it by field. Pure. */
export function readTyped(values: Readonly<Record<string, string>>): Typed | { readonly wrong: Wrong } {
  const name = (values.name ?? '').trim();
  const limit = readLimit(values.limit_usd ?? '');
  const wrong: Wrong = {
    ...(name === '' ? { name: 'Give it a name to tell it by.' } : {}),
    ...('wrong' in limit ? { limit_usd: limit.wrong } : {}),
  };
  return 'wrong' in limit || name === '' ? { wrong } : { name, usd: limit.usd };
}
