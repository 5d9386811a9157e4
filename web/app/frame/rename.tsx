import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Form, TextField } from '../../ui/field.tsx';
import type { Act } from '../api/use-act.ts';
import { ProblemNotice } from './failure.tsx';

/** A name with a button that changes it; the same name again changes nothing. */
export function Rename({
  name,
  act,
  action = 'Rename',
  autoComplete = 'off',
}: {
  readonly name: string;
  readonly act: Act<string, unknown>;
  readonly action?: string;
  readonly autoComplete?: string;
}): ReactNode {
  return (
    <Form
      className="flex flex-col gap-3"
      errors={act.errorsAt('name')}
      onSubmit={({ name: wished = '' }) => wished !== name && act.act(wished)}
    >
      <div className="flex items-end gap-2">
        <TextField
          className="flex-1"
          label="Name"
          name="name"
          required
          maxLength={100}
          defaultValue={name}
          autoComplete={autoComplete}
        />
        <Button type="submit" busy={act.busy}>
          {action}
        </Button>
      </div>
      <ProblemNotice problem={act.problemBeside('name')} />
    </Form>
  );
}
