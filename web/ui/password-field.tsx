import { Field as BaseField } from '@base-ui/react/field';
import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { classes } from './classes.ts';
import { CONTROL, FieldFrame } from './field.tsx';

export interface PasswordFieldProps {
  readonly label?: string;
  readonly name?: string;
  readonly autoComplete: 'current-password' | 'new-password';
  readonly help?: ReactNode;
  readonly aside?: ReactNode;
  readonly autoFocus?: boolean;
  readonly required?: boolean;
}

/** A password, with a way to see what was typed: that is what makes long ones possible on a phone. */
export function PasswordField({
  label = 'Password',
  name = 'password',
  autoComplete,
  help,
  aside,
  autoFocus,
  required = true,
}: PasswordFieldProps): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <FieldFrame label={label} name={name} help={help} aside={aside}>
      <div className="relative flex items-center">
        <BaseField.Control
          type={shown ? 'text' : 'password'}
          autoComplete={autoComplete}
          autoFocus={autoFocus}
          required={required}
          spellCheck={false}
          autoCapitalize="none"
          className={classes(CONTROL, 'h-8 pr-9! pointer-coarse:h-11 pointer-coarse:pr-12!')}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-label={shown ? 'Hide the password' : 'Show the password'}
          className="absolute right-0.5 grid size-7 place-items-center rounded-md text-text-3 hover:text-text pointer-coarse:size-11"
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
        </button>
      </div>
    </FieldFrame>
  );
}
