import { Select as BaseSelect } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { CONTROL, FieldFrame } from './field.tsx';
import { FLOATING } from './floating.ts';

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  /** A second line, where the word alone does not say enough. */
  readonly note?: string | undefined;
}

export interface SelectProps<Value extends string> {
  readonly choices: readonly Choice<Value>[];
  readonly value?: Value | undefined;
  readonly defaultValue?: Value | undefined;
  readonly onChange?: ((value: Value) => void) | undefined;
  readonly name?: string | undefined;
  /** Its name, where no label stands beside it. */
  readonly label?: string | undefined;
  /** Stands there while nothing is chosen. */
  readonly placeholder?: string | undefined;
  readonly dense?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly className?: string | undefined;
}

/** One of a few. Type to jump, arrows to move, Escape to leave it as it was. */
export function Select<Value extends string>({
  choices,
  value,
  defaultValue,
  onChange,
  name,
  label,
  placeholder,
  dense = false,
  disabled,
  className,
}: SelectProps<Value>): ReactNode {
  return (
    <BaseSelect.Root
      items={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      {...(value === undefined ? {} : { value })}
      {...(defaultValue === undefined ? {} : { defaultValue })}
      {...(name === undefined ? {} : { name })}
      disabled={disabled ?? false}
      onValueChange={(next) => {
        if (next !== null) onChange?.(next as Value);
      }}
    >
      <BaseSelect.Trigger
        aria-label={label}
        className={classes(
          CONTROL,
          'flex items-center justify-between gap-2 text-left',
          dense ? 'h-7 text-13' : 'h-8',
          'pointer-coarse:h-11',
          className,
        )}
      >
        <span className="truncate">
          <BaseSelect.Value
            className="data-placeholder:text-text-3"
            {...(placeholder === undefined ? {} : { placeholder })}
          />
        </span>
        <BaseSelect.Icon className="text-text-3">
          <ChevronsUpDown size={14} aria-hidden />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <BaseSelect.Popup className={classes(FLOATING, 'max-h-80 min-w-(--anchor-width) overflow-y-auto')}>
            {choices.map((choice) => (
              <BaseSelect.Item
                key={choice.value}
                value={choice.value}
                className="flex min-h-8 cursor-default items-center gap-2 rounded-sm py-1 pr-3 pl-2 text-13 outline-none data-highlighted:bg-surface-3 pointer-coarse:min-h-11"
              >
                <span className="grid size-4 shrink-0 place-items-center text-accent">
                  <BaseSelect.ItemIndicator>
                    <Check size={14} aria-hidden />
                  </BaseSelect.ItemIndicator>
                </span>
                <span className="flex flex-col">
                  <BaseSelect.ItemText>{choice.label}</BaseSelect.ItemText>
                  {choice.note !== undefined && <span className="text-12 text-text-3">{choice.note}</span>}
                </span>
              </BaseSelect.Item>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}

export interface SelectFieldProps<Value extends string> extends Omit<SelectProps<Value>, 'label'> {
  readonly label: ReactNode;
  readonly name: string;
  readonly help?: ReactNode;
}

export function SelectField<Value extends string>({
  label,
  help,
  name,
  ...select
}: SelectFieldProps<Value>): ReactNode {
  return (
    <FieldFrame label={label} name={name} help={help}>
      <Select {...select} />
    </FieldFrame>
  );
}
