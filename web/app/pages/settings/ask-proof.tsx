import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Form } from '../../../ui/field.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import type { Act } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { proofErrors, proofProblem } from './proof.ts';

/** Asks for the password before something that gives a way in or takes one away. People without one have just signed in, or do so again. */
export function AskProof<Output>({
  open,
  onClose,
  act,
  title,
  description,
  action,
  danger = false,
  children,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly act: Act<string, Output>;
  readonly title: string;
  readonly description: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly children?: ReactNode;
}): ReactNode {
  const close = () => {
    act.reset();
    onClose();
  };
  return (
    <Dialog open={open} onClose={close} width="narrow" title={title} description={description}>
      <Form
        className="flex flex-col gap-4"
        errors={proofErrors(act.problem)}
        onSubmit={({ password = '' }) => act.act(password)}
      >
        {children}
        <PasswordField
          autoComplete="current-password"
          required={false}
          autoFocus
          help="Leave it empty if you have none."
        />
        <ProblemNotice problem={proofProblem(act.problem)} />
        <div className="flex justify-end gap-2">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" variant={danger ? 'danger' : 'primary'} busy={act.busy}>
            {action}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
