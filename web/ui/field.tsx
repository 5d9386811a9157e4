import { Field as BaseField } from '@base-ui/react/field';
import { Form as BaseForm } from '@base-ui/react/form';
import { type ComponentProps, type FormEvent, type ReactNode, useMemo } from 'react';
import { classes } from './classes.ts';

export const CONTROL = classes(
  'w-full rounded-md border border-line-3 bg-surface px-2.5 text-14 text-text transition-colors',
  'hover:border-text-3 focus-visible:border-accent focus-visible:outline-offset-0 data-invalid:border-danger',
  'disabled:bg-surface-2 disabled:text-text-3 pointer-coarse:text-16',
);

interface FieldFrameProps {
  readonly label: ReactNode;
  /** Sent under this name; an error for it is shown here. */
  readonly name: string;
  readonly help?: ReactNode | undefined;
  /** Beside the label, at its end: a link, a count. */
  readonly aside?: ReactNode | undefined;
  readonly optional?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly className?: string | undefined;
}

/** Label above, help under, the error under that, in words. */
export function FieldFrame({
  label,
  name,
  help,
  aside,
  optional = false,
  disabled,
  className,
  children,
}: FieldFrameProps & { readonly children: ReactNode }): ReactNode {
  return (
    <BaseField.Root name={name} disabled={disabled} className={classes('flex flex-col gap-1', className)}>
      <div className="flex items-baseline justify-between gap-3">
        <BaseField.Label className="text-13 font-medium text-text">
          {label}
          {optional && <span className="font-normal text-text-3"> (optional)</span>}
        </BaseField.Label>
        {aside !== undefined && <div className="text-13 text-text-2">{aside}</div>}
      </div>
      {children}
      {help !== undefined && (
        <BaseField.Description className="text-12 text-text-3">{help}</BaseField.Description>
      )}
      <BaseField.Error className="text-13 text-danger" />
    </BaseField.Root>
  );
}

type ControlProps = Omit<ComponentProps<'input'>, 'name' | 'className' | 'defaultValue' | 'value'> & {
  readonly value?: string | undefined;
  readonly defaultValue?: string | undefined;
  readonly onValueChange?: ((value: string) => void) | undefined;
};

export interface TextFieldProps extends FieldFrameProps, Omit<ControlProps, 'disabled'> {
  /** What is typed is a code, a key or an address: monospaced, and nothing corrects it. */
  readonly mono?: boolean | undefined;
  /** Before or after what is typed: a currency, a unit. */
  readonly before?: ReactNode | undefined;
  readonly after?: ReactNode | undefined;
}

export function TextField({
  label,
  name,
  help,
  aside,
  optional,
  disabled,
  className,
  mono = false,
  before,
  after,
  ...control
}: TextFieldProps): ReactNode {
  return (
    <FieldFrame {...{ label, name, help, aside, optional, disabled, className }}>
      <div className="relative flex items-center">
        {before !== undefined && (
          <span className="pointer-events-none absolute left-2.5 text-13 text-text-3">{before}</span>
        )}
        <BaseField.Control
          {...control}
          {...(mono ? { spellCheck: false, autoCapitalize: 'none', autoCorrect: 'off' } : {})}
          className={classes(
            CONTROL,
            'h-8 pointer-coarse:h-11',
            mono && 'font-mono text-13',
            before !== undefined && 'pl-6!',
            after !== undefined && 'pr-28!',
          )}
        />
        {after !== undefined && (
          <span className="pointer-events-none absolute right-2.5 text-13 text-text-3">{after}</span>
        )}
      </div>
    </FieldFrame>
  );
}

export interface TextAreaFieldProps extends FieldFrameProps {
  readonly rows?: number;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly mono?: boolean;
  readonly defaultValue?: string;
}

export function TextAreaField({
  label,
  name,
  help,
  aside,
  optional,
  disabled,
  className,
  rows = 3,
  mono = false,
  ...control
}: TextAreaFieldProps): ReactNode {
  return (
    <FieldFrame {...{ label, name, help, aside, optional, disabled, className }}>
      <BaseField.Control
        {...control}
        render={<textarea rows={rows} spellCheck={!mono} />}
        className={classes(CONTROL, 'resize-y py-1.5', mono && 'font-mono text-13')}
      />
    </FieldFrame>
  );
}

export interface FormProps {
  readonly children: ReactNode;
  readonly onSubmit: (values: Readonly<Record<string, string>>, form: HTMLFormElement) => void;
  /** By field: what is wrong there, in words. */
  readonly errors?: Readonly<Record<string, string>> | undefined;
  readonly className?: string | undefined;
  readonly label?: string | undefined;
}

/** A form that hands over its texts by name. What the browser itself can check, it checks at the field, in our words' place. */
export function Form({ children, onSubmit, errors, className, label }: FormProps): ReactNode {
  // The same object while they say the same: another would bring errors back that a person has dealt with.
  const said = JSON.stringify(errors);
  const same = useMemo(
    () => (said === undefined ? undefined : (JSON.parse(said) as Record<string, string>)),
    [said],
  );
  return (
    <BaseForm
      className={className}
      aria-label={label}
      {...(same === undefined ? {} : { errors: same })}
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        const form = event.currentTarget;
        const values: Record<string, string> = {};
        for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value;
        onSubmit(values, form);
      }}
    >
      {children}
    </BaseForm>
  );
}
