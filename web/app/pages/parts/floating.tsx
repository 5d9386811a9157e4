import { Ellipsis, LogOut, Settings } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Badge, Status } from '../../../ui/badge.tsx';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Code, SecretOnce } from '../../../ui/code.tsx';
import { Confirm, Dialog } from '../../../ui/dialog.tsx';
import { Menu, MenuGroup, MenuItem, MenuLine } from '../../../ui/menu.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { say, sayFailure } from '../../../ui/toaster.tsx';
import { Group, Sample } from './sample.tsx';

export function Words(): ReactNode {
  return (
    <Group title="Type and colour">
      <div className="flex flex-col gap-1">
        <p className="text-28 font-semibold">The same question, 28</p>
        <p className="text-20 font-semibold">Seen from several models, 20</p>
        <p className="text-16 font-semibold">A section, 16</p>
        <p>The text of a page, 14</p>
        <p className="text-13 text-text-2">What helps, 13</p>
        <p className="text-12 text-text-3">What stands aside, 12</p>
      </div>
      <Sample of="status and badges">
        <Status tone="success">Live</Status>
        <Status tone="warning">Being replaced</Status>
        <Status tone="danger">Refused</Status>
        <Status tone="info">Waiting</Status>
        <Status tone="neutral">Revoked</Status>
        <Badge>Models</Badge>
        <Badge tone="accent">this one</Badge>
        <Badge tone="success">new</Badge>
        <Badge tone="warning">50</Badge>
        <Badge tone="danger">80</Badge>
        <Badge tone="info">publishable</Badge>
        <Badge mono>key_01</Badge>
      </Sample>
      <div className="grid gap-3 md:grid-cols-2">
        <Notice title="This deployment sends no mails">They are kept here for you to read.</Notice>
        <Notice tone="success">Another link is on its way.</Notice>
        <Notice tone="warning" title="A program on your own machine">
          Whatever program listens there gets in.
        </Notice>
        <Notice
          tone="danger"
          title="The keys could not be loaded"
          action={<Button size="dense">Try again</Button>}
        >
          The server cannot be reached. Check your connection, then try again.
        </Notice>
      </div>
    </Group>
  );
}

export function Floating(): ReactNode {
  const [dialog, setDialog] = useState(false);
  const [confirm, setConfirm] = useState(false);
  return (
    <Group title="What opens, and code">
      <Sample of="dialog, question, menu, toasts">
        <Button onClick={() => setDialog(true)}>Open a dialog</Button>
        <Button variant="danger" onClick={() => setConfirm(true)}>
          Ask first
        </Button>
        <Menu trigger={<IconButton icon={Ellipsis} label="Open a menu" />}>
          <MenuGroup label="Role">
            <MenuItem checked>Member</MenuItem>
            <MenuItem note="reads">Viewer</MenuItem>
          </MenuGroup>
          <MenuLine />
          <MenuItem icon={Settings}>Settings</MenuItem>
          <MenuItem icon={LogOut} danger>
            Leave
          </MenuItem>
        </Menu>
        <Button onClick={() => say('The key has its new name', () => undefined)}>Say something</Button>
        <Button onClick={() => sayFailure('It stays as it was', 'The server cannot be reached.')}>
          Say a failure
        </Button>
      </Sample>
      <Tabs
        label="Ways to call"
        tabs={[
          {
            id: 'curl',
            title: 'curl',
            content: (
              <Code
                language="sh"
                code={`curl https://parallax.example.com/v1/perspectives \\\n  -H "authorization: Bearer $PARALLAX_API_KEY" -H 'content-type: application/json' \\\n  -d '{"prompt": "Tabs or spaces?"}'`}
              />
            ),
          },
          {
            id: 'json',
            title: 'JSON',
            content: <Code language="json" code={'{\n  "prompt": "Tabs or spaces?"\n}'} />,
          },
          {
            id: 'toml',
            title: 'TOML',
            content: <Code language="toml" code={'[mcp_servers.parallax]\ntool_timeout_sec = 60'} />,
          },
        ]}
      />
      <SecretOnce secret="plx_sk_01JD4ZQ8example0000000000000000000000" what="the key" />
      <Dialog
        open={dialog}
        onClose={() => setDialog(false)}
        title="A dialog"
        description="What it is for, in a line."
        footer={
          <>
            <Button onClick={() => setDialog(false)}>Cancel</Button>
            <Button variant="primary" onClick={() => setDialog(false)}>
              Go on
            </Button>
          </>
        }
      >
        <p className="text-text-2">Escape closes the topmost thing.</p>
      </Dialog>
      <Confirm
        open={confirm}
        onClose={() => setConfirm(false)}
        onConfirm={() => setConfirm(false)}
        title="Delete Acme?"
        action="Delete for good"
        typed={{ label: 'Type the tenant’s name:', text: 'Acme' }}
      >
        <p>Nothing brings it back.</p>
      </Confirm>
    </Group>
  );
}
