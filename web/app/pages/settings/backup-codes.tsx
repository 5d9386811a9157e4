import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy.tsx';
import { Dialog } from '../../../ui/dialog.tsx';

/** The backup codes, this once. */
export function BackupCodes({
  codes,
  onClose,
}: {
  readonly codes: readonly string[];
  readonly onClose: () => void;
}): ReactNode {
  const text = codes.join('\n');
  return (
    <Dialog
      open
      onClose={onClose}
      dismissible={false}
      width="narrow"
      title="Keep these backup codes"
      description="Each lets you in once, when you do not have your phone. They are shown this once."
      footer={
        <Button variant="primary" onClick={onClose}>
          I have kept them
        </Button>
      }
    >
      <ul
        className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-line bg-surface-2 px-4 py-3 font-mono text-13"
        data-secret
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex gap-2 pt-3">
        <CopyButton text={text} what="the codes" words />
        <Button icon={Download} onClick={() => save(text)}>
          Save as a file
        </Button>
      </div>
    </Dialog>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([`Parallax backup codes\n\n${text}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'parallax-backup-codes.txt';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
