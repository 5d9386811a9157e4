import { Plus, Settings, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Form, TextAreaField, TextField } from '../../../ui/field.tsx';
import { PasswordField } from '../../../ui/password-field.tsx';
import { SelectField } from '../../../ui/select.tsx';
import { Checkbox, RadioChoices, Switch } from '../../../ui/toggle.tsx';
import { Group, Sample } from './sample.tsx';

export function Buttons(): ReactNode {
  return (
    <Group title="Buttons">
      {(['normal', 'dense'] as const).map((size) => (
        <Sample key={size} of={size}>
          <Button size={size} variant="primary" icon={Plus}>
            Make a key
          </Button>
          <Button size={size}>Rename</Button>
          <Button size={size} variant="quiet">
            Clear
          </Button>
          <Button size={size} variant="danger" icon={Trash2}>
            Delete
          </Button>
          <Button size={size} variant="primary" busy>
            Saving
          </Button>
          <Button size={size} disabled>
            Not now
          </Button>
          <IconButton size={size} icon={Settings} label="Settings" />
        </Sample>
      ))}
    </Group>
  );
}

const MODELS = [
  { value: 'auto', label: 'Auto', note: 'The best for the price' },
  { value: 'swift', label: 'local/swift' },
  { value: 'sage', label: 'local/sage' },
];

export function Forms(): ReactNode {
  return (
    <Group title="Fields">
      <Form
        label="Examples of fields"
        className="grid gap-x-6 gap-y-5 md:grid-cols-2 lg:grid-cols-3"
        errors={{ wrong: 'This must have at least 10 characters.' }}
        onSubmit={() => undefined}
      >
        <TextField label="Name" name="name" placeholder="Build server" help="What you tell it by." />
        <TextField label="Name" name="filled" defaultValue="Build server" optional />
        <TextField label="E-mail" name="wrong" defaultValue="ada" />
        <TextField label="Limit" name="money" before="$" defaultValue="25.00" help="A month." />
        <TextField label="Address" name="mono" mono defaultValue="https://api.example.com/v1" />
        <TextField label="Not now" name="off" defaultValue="Cannot be changed" disabled />
        <PasswordField autoComplete="new-password" help="At least ten characters." />
        <SelectField label="Model" name="model" choices={MODELS} defaultValue="auto" />
        <TextAreaField label="Pages" name="pages" mono rows={2} placeholder="https://example.com" />
      </Form>
    </Group>
  );
}

export function Toggles(): ReactNode {
  const [kind, setKind] = useState<'secret' | 'publishable'>('secret');
  return (
    <Group title="Choices">
      <div className="grid gap-x-10 gap-y-6 md:grid-cols-2">
        <div className="flex flex-col gap-3">
          <Checkbox label="Stay signed in on this device" defaultChecked />
          <Checkbox label="Limits of its own" help="Your own limits hold in any case." />
          <Checkbox label="Cannot be chosen" disabled />
          <Switch label="Legal hold" help="While it is on nothing is deleted." defaultChecked />
          <Switch label="The platform’s key may serve" />
        </div>
        <RadioChoices
          label="Kind"
          value={kind}
          onChange={setKind}
          choices={[
            { value: 'secret', label: 'Secret', help: 'For servers, scripts and coding agents.' },
            {
              value: 'publishable',
              label: 'Publishable',
              help: 'Stands in a public page and opens the widget there.',
            },
          ]}
        />
      </div>
    </Group>
  );
}
