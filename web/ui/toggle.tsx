import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Radio as BaseRadio } from '@base-ui/react/radio';
import { RadioGroup } from '@base-ui/react/radio-group';
import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { Check } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

interface ToggleProps {
  readonly label: ReactNode;
  readonly help?: ReactNode | undefined;
  readonly checked?: boolean | undefined;
  readonly defaultChecked?: boolean | undefined;
  readonly onChange?: ((checked: boolean) => void) | undefined;
  readonly name?: string | undefined;
  /** What is sent when it is on. */
  readonly value?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly className?: string | undefined;
}

const BOX =
  'grid shrink-0 place-items-center border border-line-3 bg-surface transition-colors hover:border-text-3 data-checked:border-accent data-checked:bg-accent data-checked:text-on-accent data-disabled:opacity-50';

/** One of several that may all be on. */
export function Checkbox({
  label,
  help,
  checked,
  defaultChecked,
  onChange,
  name,
  value,
  disabled,
  className,
}: ToggleProps): ReactNode {
  const id = useId();
  return (
    <div className={classes('flex gap-2.5', className)}>
      <BaseCheckbox.Root
        id={id}
        {...optional({ checked, defaultChecked, name, value })}
        disabled={disabled ?? false}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onCheckedChange={(next) => onChange?.(next)}
        className={classes(BOX, 'mt-0.5 size-4 rounded-sm pointer-coarse:size-5')}
      >
        <BaseCheckbox.Indicator>
          <Check size={12} strokeWidth={3} aria-hidden />
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      <Words id={id} label={label} help={help} />
    </div>
  );
}

/** On or off, with effect at once. */
export function Switch({
  label,
  help,
  checked,
  defaultChecked,
  onChange,
  name,
  disabled,
  className,
}: ToggleProps): ReactNode {
  const id = useId();
  return (
    <div className={classes('flex items-start justify-between gap-4', className)}>
      <Words id={id} label={label} help={help} />
      <BaseSwitch.Root
        id={id}
        {...optional({ checked, defaultChecked, name })}
        disabled={disabled ?? false}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onCheckedChange={(next) => onChange?.(next)}
        className="relative mt-0.5 h-5 w-9 shrink-0 rounded-full bg-line-3 transition-colors data-checked:bg-accent data-disabled:opacity-50"
      >
        <BaseSwitch.Thumb className="absolute top-0.5 left-0.5 block size-4 rounded-full bg-surface transition-transform data-checked:translate-x-4" />
      </BaseSwitch.Root>
    </div>
  );
}

export interface RadioChoice<Value extends string> {
  readonly value: Value;
  readonly label: ReactNode;
  readonly help?: ReactNode | undefined;
}

/** One of a few, all of them seen. */
export function RadioChoices<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  readonly label: string;
  readonly choices: readonly RadioChoice<Value>[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}): ReactNode {
  const id = useId();
  return (
    <RadioGroup
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className="flex flex-col divide-y divide-line overflow-hidden rounded-md border border-line-2"
    >
      {choices.map((choice) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the radio stands inside it
        <label
          key={choice.value}
          className="flex cursor-pointer gap-2.5 px-3 py-2 hover:bg-surface-2 has-data-checked:bg-lit"
        >
          <BaseRadio.Root
            value={choice.value}
            aria-labelledby={`${id}-${choice.value}`}
            className={classes(BOX, 'mt-0.5 size-4 rounded-full')}
          >
            <BaseRadio.Indicator className="size-1.5 rounded-full bg-on-accent" />
          </BaseRadio.Root>
          <span className="flex flex-col">
            <span id={`${id}-${choice.value}`} className="text-14 font-medium">
              {choice.label}
            </span>
            {choice.help !== undefined && <span className="text-13 text-text-2">{choice.help}</span>}
          </span>
        </label>
      ))}
    </RadioGroup>
  );
}

function Words({
  id,
  label,
  help,
}: {
  id: string;
  label: ReactNode;
  help: ReactNode | undefined;
}): ReactNode {
  return (
    <div className="flex min-w-0 flex-col">
      <label htmlFor={id} className="cursor-pointer text-14">
        {label}
      </label>
      {help !== undefined && (
        <p id={`${id}-help`} className="text-13 text-text-2">
          {help}
        </p>
      )}
    </div>
  );
}

/** Only what was given: a control with `checked: undefined` would count as uncontrolled and then not. */
function optional<T extends object>(props: T): Partial<T> {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as Partial<T>;
}
