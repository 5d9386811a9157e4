import { Monitor, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { setTheme, type Theme, useTheme } from './theme.ts';

const CHOICES = [
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
  { theme: 'system', label: 'As the system', icon: Monitor },
] as const satisfies readonly { theme: Theme; label: string; icon: unknown }[];

export function ThemeSwitch(): ReactNode {
  const theme = useTheme();
  return (
    <fieldset className="inline-flex rounded-md border border-line-2 p-0.5">
      <legend className="sr-only">Theme</legend>
      {CHOICES.map(({ theme: one, label, icon: Icon }) => (
        <button
          key={one}
          type="button"
          aria-pressed={theme === one}
          aria-label={label}
          title={label}
          onClick={() => setTheme(one)}
          className={classes(
            'grid h-6 w-8 place-items-center rounded-sm text-text-3 hover:text-text pointer-coarse:h-10 pointer-coarse:w-11',
            theme === one && 'bg-surface-3 text-text!',
          )}
        >
          <Icon size={14} aria-hidden />
        </button>
      ))}
    </fieldset>
  );
}
