import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { count } from '../../../ui/format/money.ts';
import { Notice } from '../../../ui/notice.tsx';
import { Time } from '../../../ui/time.tsx';
import { type Verification, verifyChain } from '../../api/audit.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

/** Checks every entry of the chain, says how far it has come, and can be left at any time. */
export function VerifyDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [part, setPart] = useState<Verification | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const done = part !== null && part.next_cursor === null;
  const stop = useRef<AbortController | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round begins anew
  useEffect(() => {
    const controller = new AbortController();
    stop.current = controller;
    setPart(null);
    setProblem(null);
    verifyChain(setPart, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) setProblem(asProblem(error));
    });
    return () => controller.abort();
  }, [round]);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Verify the log"
      description="Every hash, the sealed ends and the copy that lists are read from."
      footer={<Button onClick={onClose}>{done || problem !== null ? 'Close' : 'Stop'}</Button>}
    >
      <div className="flex flex-col gap-3" aria-live="polite">
        <ProblemNotice problem={problem} onRetry={() => setRound(round + 1)} />
        {problem === null && !done && (
          <p className="text-text-2">
            {part === null ? 'Beginning.' : `${count(part.checked.to)} entries are checked so far.`}
          </p>
        )}
        {done && part.intact && (
          <Notice
            tone="success"
            title={part.checked.from > part.checked.to ? 'There is nothing to check yet' : 'The log is whole'}
          >
            {part.checked.from <= part.checked.to &&
              `Entries ${count(part.checked.from)} to ${count(part.checked.to)} are as they were written: none is changed, missing, added or out of order.`}
          </Notice>
        )}
        {part !== null && !part.intact && (
          <Notice tone="danger" title="The log has been tampered with">
            <ul className="flex flex-col gap-1">
              {part.faults.map((fault) => (
                <li key={`${fault.number} ${fault.kind} ${fault.where}`}>
                  No. {fault.number}: {fault.message}
                </li>
              ))}
            </ul>
          </Notice>
        )}
        {done && part.checkpoint !== null && (
          <p className="text-13 text-text-2">
            It begins after No. {count(part.checkpoint.number)}: older entries were deleted when they were
            past their age, <Time at={part.checkpoint.created_at} />.
          </p>
        )}
      </div>
    </Dialog>
  );
}
