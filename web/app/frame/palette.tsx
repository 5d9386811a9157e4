import { useNavigate, useRouter } from '@tanstack/react-router';
import {
  BookOpen,
  Building2,
  ChartColumn,
  Coins,
  CreditCard,
  History,
  KeyRound,
  Layers,
  LayoutDashboard,
  List,
  LockKeyhole,
  LogOut,
  MonitorSmartphone,
  Moon,
  PiggyBank,
  Plug,
  Plus,
  ScrollText,
  ShieldCheck,
  Sun,
  UserPlus,
  UserRound,
  Users,
  Vault,
  Webhook,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { CommandPalette, type CommandSection } from '../../ui/command-palette.tsx';
import { setTheme } from '../../ui/theme.ts';
import { sayFailure } from '../../ui/toaster.tsx';
import { asProblem } from '../api/problem.ts';
import { useMay, useSession, useSwitchTenant } from '../api/session.ts';
import { useSignOut } from './person-menu.tsx';
import { recentPages } from './recent.ts';

/** The palette with what this app has: pages, actions, tenants, what was looked at last. */
export function Palette({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const router = useRouter();
  const may = useMay();
  const { tenant, tenants } = useSession();
  const switchTenant = useSwitchTenant();
  const signOut = useSignOut();
  const act = (id: string) =>
    switchTenant(id).catch((error: unknown) =>
      sayFailure('The tenant was not changed', asProblem(error).message),
    );

  const recent = recentPages().filter(({ path }) => path !== router.state.location.href);
  const sections: CommandSection[] = [
    {
      label: 'Recent',
      commands: recent.map(({ path, title }) => ({
        id: `recent ${path}`,
        label: title,
        icon: History,
        run: () => void router.navigate({ href: path }),
      })),
    },
    {
      label: 'Pages',
      commands: [
        {
          id: 'overview',
          label: 'Overview',
          icon: LayoutDashboard,
          words: ['home', 'start', 'connect', 'mcp'],
          run: () => void navigate({ to: '/overview' }),
        },
        {
          id: 'usage',
          label: 'Usage',
          icon: ChartColumn,
          words: ['tokens', 'latency', 'requests', 'chart'],
          run: () => void navigate({ to: '/usage', search: {} }),
        },
        {
          id: 'costs',
          label: 'Costs',
          icon: ChartColumn,
          words: ['money', 'spend', 'markup', 'charge'],
          run: () => void navigate({ to: '/usage/costs', search: {} }),
        },
        {
          id: 'calls',
          label: 'Calls',
          icon: List,
          words: ['requests', 'log'],
          run: () => void navigate({ to: '/usage/calls', search: {} }),
        },
        {
          id: 'runs',
          label: 'Runs and receipts',
          icon: Layers,
          words: ['perspectives', 'receipt'],
          run: () => void navigate({ to: '/usage/runs', search: {} }),
        },
        {
          id: 'billing',
          label: 'Billing',
          icon: CreditCard,
          words: ['credit', 'plan', 'buy', 'payment', 'invoice'],
          run: () => void navigate({ to: '/billing', search: {} }),
        },
        {
          id: 'credits',
          label: 'Credit',
          icon: Coins,
          words: ['balance', 'transactions', 'ledger'],
          run: () => void navigate({ to: '/credits' }),
        },
        {
          id: 'budgets',
          label: 'Budgets',
          icon: PiggyBank,
          words: ['limit', 'spend', 'cap', 'alerts'],
          run: () => void navigate({ to: '/budgets', search: {} }),
        },
        {
          id: 'api-keys',
          label: 'API keys',
          icon: KeyRound,
          words: ['token', 'secret'],
          run: () => void navigate({ to: '/api-keys' }),
        },
        ...(may('provider_keys:read')
          ? [
              {
                id: 'provider-keys',
                label: 'Provider keys',
                icon: Vault,
                words: ['byok', 'openai', 'anthropic'],
                run: () => void navigate({ to: '/provider-keys' }),
              },
            ]
          : []),
        ...(may('vaults:read')
          ? [
              {
                id: 'vaults',
                label: 'Vaults',
                icon: LockKeyhole,
                words: ['secrets', 'scraper'],
                run: () => void navigate({ to: '/vaults' }),
              },
            ]
          : []),
        ...(may('webhooks:read')
          ? [
              {
                id: 'webhooks',
                label: 'Webhooks',
                icon: Webhook,
                words: ['events', 'deliveries', 'alerts'],
                run: () => void navigate({ to: '/webhooks' }),
              },
            ]
          : []),
        {
          id: 'connected-apps',
          label: 'Connected apps',
          icon: Plug,
          words: ['oauth', 'mcp'],
          run: () => void navigate({ to: '/connected-apps' }),
        },
        {
          id: 'members',
          label: 'Members',
          icon: Users,
          words: ['people', 'invitations'],
          run: () => void navigate({ to: '/members' }),
        },
        ...(may('audit:read')
          ? [
              {
                id: 'audit',
                label: 'Audit log',
                icon: ScrollText,
                run: () => void navigate({ to: '/audit' }),
              },
            ]
          : []),
        {
          id: 'tenant',
          label: 'Tenant settings',
          icon: Building2,
          words: ['rename', 'transfer', 'delete'],
          run: () => void navigate({ to: '/tenant' }),
        },
        {
          id: 'profile',
          label: 'Profile',
          icon: UserRound,
          words: ['name', 'e-mail', 'account'],
          run: () => void navigate({ to: '/settings/profile' }),
        },
        {
          id: 'security',
          label: 'Security',
          icon: ShieldCheck,
          words: ['password', 'passkey', '2fa', 'totp'],
          run: () => void navigate({ to: '/settings/security' }),
        },
        {
          id: 'sessions',
          label: 'Sessions',
          icon: MonitorSmartphone,
          words: ['devices', 'sign out everywhere'],
          run: () => void navigate({ to: '/settings/sessions' }),
        },
        {
          id: 'events',
          label: 'Security events',
          icon: History,
          run: () => void navigate({ to: '/settings/events' }),
        },
        {
          id: 'reference',
          label: 'API reference',
          icon: BookOpen,
          words: ['docs', 'openapi'],
          run: () => window.location.assign('/docs/'),
        },
      ],
    },
    {
      label: 'Actions',
      commands: [
        ...(may('api_keys:write')
          ? [
              {
                id: 'new-key',
                label: 'Make an API key',
                icon: Plus,
                run: () => void navigate({ to: '/api-keys', search: { create: true } }),
              },
            ]
          : []),
        ...(may('budgets:write')
          ? [
              {
                id: 'new-budget',
                label: 'Make a budget',
                icon: Plus,
                run: () => void navigate({ to: '/budgets', search: { create: true } }),
              },
            ]
          : []),
        ...(may('members:write')
          ? [
              {
                id: 'invite',
                label: 'Invite somebody',
                icon: UserPlus,
                run: () => void navigate({ to: '/members' }),
              },
            ]
          : []),
        { id: 'light', label: 'Light theme', icon: Sun, run: () => setTheme('light') },
        { id: 'dark', label: 'Dark theme', icon: Moon, run: () => setTheme('dark') },
        { id: 'sign-out', label: 'Sign out', icon: LogOut, words: ['log out'], run: () => void signOut() },
      ],
    },
    {
      label: 'Act for',
      commands: tenants
        .filter(({ id }) => id !== tenant?.id)
        .map(({ id, name }) => ({
          id,
          label: name,
          icon: Building2,
          words: ['tenant', 'switch', id],
          run: () => void act(id),
        })),
    },
  ];
  return (
    <CommandPalette
      open={open}
      onClose={onClose}
      sections={sections.filter(({ commands }) => commands.length > 0)}
    />
  );
}
