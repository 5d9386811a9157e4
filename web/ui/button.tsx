import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { classes } from './classes.ts';

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger';
export type ButtonSize = 'normal' | 'dense' | 'wide';

const VARIANTS: Readonly<Record<ButtonVariant, string>> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border border-line-2 bg-surface text-text hover:border-line-3 hover:bg-surface-2',
  quiet: 'text-text-2 hover:bg-surface-3 hover:text-text data-popup-open:bg-surface-3',
  danger: 'border border-line-2 bg-surface text-danger hover:border-danger hover:bg-danger-soft',
};

/** Touch screens get 44 px, whatever the size says. */
const SIZES: Readonly<Record<ButtonSize, string>> = {
  normal: 'h-8 px-3 pointer-coarse:h-11 pointer-coarse:px-4',
  dense: 'h-7 px-2 text-13 pointer-coarse:h-11 pointer-coarse:px-3',
  wide: 'h-9 w-full px-4 pointer-coarse:h-11',
};

/** The look of a button, for a link that leads to the next thing to do. */
export function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'normal'): string {
  return classes(
    'inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium no-underline transition-colors',
    'disabled:pointer-events-none disabled:opacity-50 aria-disabled:opacity-50',
    VARIANTS[variant],
    SIZES[size],
  );
}

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'type'> {
  readonly variant?: ButtonVariant | undefined;
  readonly size?: ButtonSize | undefined;
  readonly type?: 'button' | 'submit' | undefined;
  readonly icon?: LucideIcon | undefined;
  /** Under way: the words stay, so that nothing jumps, and a second press does nothing. */
  readonly busy?: boolean | undefined;
}

export function Button({
  variant,
  size,
  type = 'button',
  icon: Icon,
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      className={classes(buttonClass(variant, size), className)}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? (
        <LoaderCircle size={16} className="animate-spin" aria-hidden />
      ) : (
        Icon && <Icon size={16} aria-hidden />
      )}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly label: string;
  readonly icon: LucideIcon;
}

/** A button that shows only a sign; what it does is its name, and shown on hover. */
export function IconButton({
  label,
  icon: Icon,
  size = 'normal',
  variant = 'quiet',
  className,
  ...rest
}: IconButtonProps): ReactNode {
  return (
    <Button
      {...rest}
      variant={variant}
      aria-label={label}
      title={label}
      size={size}
      className={classes(
        size === 'dense' ? 'w-7 px-0! pointer-coarse:w-11' : 'w-8 px-0! pointer-coarse:w-11',
        className,
      )}
    >
      <Icon size={16} aria-hidden />
    </Button>
  );
}
