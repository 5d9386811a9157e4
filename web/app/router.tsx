import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { currentSession } from './api/session.ts';
import { DoorLayout } from './frame/door-layout.tsx';
import { FailurePage, NotFoundPage } from './frame/failure.tsx';
import { Frame } from './frame/frame.tsx';
import { usageSearch } from './pages/usage/usage-search.ts';
import { returnPath } from './return-to.ts';
import {
  auditSearch,
  billingSearch,
  budgetsSearch,
  consentSearch,
  doorSearch,
  keysSearch,
  listSearch,
  mailboxSearch,
} from './search.ts';

interface RouterContext {
  readonly client: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
});

/* ── The doors: before somebody is signed in ──────────────────────────────────────────────────────────── */

const door = createRoute({ getParentRoute: () => root, id: 'door', component: DoorLayout });

const signUp = createRoute({
  getParentRoute: () => door,
  path: '/sign-up',
  validateSearch: doorSearch,
  component: lazyRouteComponent(() => import('./pages/door/sign-up.tsx'), 'SignUpPage'),
});
const signIn = createRoute({
  getParentRoute: () => door,
  path: '/sign-in',
  validateSearch: doorSearch,
  beforeLoad: async ({ context, search }) => {
    // Somebody who is signed in has nothing to do here.
    const session = await currentSession(context.client).catch(() => null);
    if (session !== null) throw redirect({ href: returnPath(search.return_to), replace: true });
  },
  component: lazyRouteComponent(() => import('./pages/door/sign-in.tsx'), 'SignInPage'),
});
const verifyEmail = createRoute({
  getParentRoute: () => door,
  path: '/verify-email',
  component: lazyRouteComponent(() => import('./pages/door/verify-email.tsx'), 'VerifyEmailPage'),
});
const forgotPassword = createRoute({
  getParentRoute: () => door,
  path: '/forgot-password',
  validateSearch: doorSearch,
  component: lazyRouteComponent(() => import('./pages/door/forgot-password.tsx'), 'ForgotPasswordPage'),
});
const resetPassword = createRoute({
  getParentRoute: () => door,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('./pages/door/reset-password.tsx'), 'ResetPasswordPage'),
});

/** Pages of a door that need somebody: who is not signed in does that first and comes back. */
const doorIn = createRoute({
  getParentRoute: () => door,
  id: 'person',
  beforeLoad: requireSession,
  component: Outlet,
});
const consent = createRoute({
  getParentRoute: () => doorIn,
  path: '/consent',
  validateSearch: consentSearch,
  component: lazyRouteComponent(() => import('./pages/door/consent.tsx'), 'ConsentPage'),
});
const invitation = createRoute({
  getParentRoute: () => door,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./pages/door/invitation.tsx'), 'InvitationPage'),
});

/* ── Inside ───────────────────────────────────────────────────────────────────────────────────────────── */

const inside = createRoute({
  getParentRoute: () => root,
  id: 'in',
  beforeLoad: requireSession,
  component: Frame,
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/overview',
  component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'OverviewPage'),
});
const apiKeys = createRoute({
  getParentRoute: () => inside,
  path: '/api-keys',
  validateSearch: keysSearch,
  component: lazyRouteComponent(() => import('./pages/api-keys/api-keys.tsx'), 'ApiKeysPage'),
});
const providerKeys = createRoute({
  getParentRoute: () => inside,
  path: '/provider-keys',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/provider-keys/provider-keys.tsx'), 'ProviderKeysPage'),
});
const vaults = createRoute({
  getParentRoute: () => inside,
  path: '/vaults',
  component: lazyRouteComponent(() => import('./pages/vaults/vaults.tsx'), 'VaultsPage'),
});
const vault = createRoute({
  getParentRoute: () => inside,
  path: '/vaults/$vaultId',
  component: lazyRouteComponent(() => import('./pages/vaults/vault.tsx'), 'VaultPage'),
});
const webhooks = createRoute({
  getParentRoute: () => inside,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./pages/webhooks/webhooks.tsx'), 'WebhooksPage'),
});
const webhook = createRoute({
  getParentRoute: () => inside,
  path: '/webhooks/$endpointId',
  component: lazyRouteComponent(() => import('./pages/webhooks/webhook.tsx'), 'WebhookPage'),
});
const connectedApps = createRoute({
  getParentRoute: () => inside,
  path: '/connected-apps',
  component: lazyRouteComponent(() => import('./pages/connected-apps.tsx'), 'ConnectedAppsPage'),
});
const members = createRoute({
  getParentRoute: () => inside,
  path: '/members',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/members/members.tsx'), 'MembersPage'),
});
const tenant = createRoute({
  getParentRoute: () => inside,
  path: '/tenant',
  component: lazyRouteComponent(() => import('./pages/tenant/tenant.tsx'), 'TenantPage'),
});
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/audit.tsx'), 'AuditPage'),
});
const billing = createRoute({
  getParentRoute: () => inside,
  path: '/billing',
  validateSearch: billingSearch,
  component: lazyRouteComponent(() => import('./pages/billing/billing.tsx'), 'BillingPage'),
});
const budgets = createRoute({
  getParentRoute: () => inside,
  path: '/budgets',
  validateSearch: budgetsSearch,
  component: lazyRouteComponent(() => import('./pages/budgets/budgets.tsx'), 'BudgetsPage'),
});
const credits = createRoute({
  getParentRoute: () => inside,
  path: '/credits',
  component: lazyRouteComponent(() => import('./pages/credits/credits.tsx'), 'CreditsPage'),
});
const usage = createRoute({
  getParentRoute: () => inside,
  path: '/usage',
  validateSearch: usageSearch,
  component: Outlet,
});
const usagePages = createRoute({
  getParentRoute: () => usage,
  id: 'pages',
  component: lazyRouteComponent(() => import('./pages/usage/usage-layout.tsx'), 'UsageLayout'),
});
const usageSummary = createRoute({
  getParentRoute: () => usagePages,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/usage/summary.tsx'), 'UsageSummaryPage'),
});
const usageCosts = createRoute({
  getParentRoute: () => usagePages,
  path: '/costs',
  component: lazyRouteComponent(() => import('./pages/usage/costs.tsx'), 'CostsPage'),
});
const usageCalls = createRoute({
  getParentRoute: () => usagePages,
  path: '/calls',
  component: lazyRouteComponent(() => import('./pages/usage/calls.tsx'), 'CallsPage'),
});
const usageRuns = createRoute({
  getParentRoute: () => usagePages,
  path: '/runs',
  component: lazyRouteComponent(() => import('./pages/usage/runs.tsx'), 'RunsPage'),
});
const receipt = createRoute({
  getParentRoute: () => usage,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./pages/usage/receipt.tsx'), 'ReceiptPage'),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'SettingsLayout'),
});
const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/settings/profile', replace: true });
  },
});
const profile = createRoute({
  getParentRoute: () => settings,
  path: '/profile',
  component: lazyRouteComponent(() => import('./pages/settings/profile.tsx'), 'ProfilePage'),
});
const security = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  component: lazyRouteComponent(() => import('./pages/settings/security.tsx'), 'SecurityPage'),
});
const sessions = createRoute({
  getParentRoute: () => settings,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./pages/settings/sessions.tsx'), 'SessionsPage'),
});
const events = createRoute({
  getParentRoute: () => settings,
  path: '/events',
  component: lazyRouteComponent(() => import('./pages/settings/events.tsx'), 'EventsPage'),
});

/* ── For those who build and try it ───────────────────────────────────────────────────────────────────── */

const parts = createRoute({
  getParentRoute: () => root,
  path: '/ui',
  component: lazyRouteComponent(() => import('./pages/parts/parts.tsx'), 'PartsPage'),
});
const mailbox = createRoute({
  getParentRoute: () => root,
  path: '/dev/mailbox',
  validateSearch: mailboxSearch,
  component: lazyRouteComponent(() => import('./pages/dev-mailbox.tsx'), 'DevMailboxPage'),
});

const routes = root.addChildren([
  door.addChildren([
    signUp,
    signIn,
    verifyEmail,
    forgotPassword,
    resetPassword,
    invitation,
    doorIn.addChildren([consent]),
  ]),
  inside.addChildren([
    overview,
    apiKeys,
    providerKeys,
    vaults,
    vault,
    webhooks,
    webhook,
    connectedApps,
    members,
    tenant,
    audit,
    billing,
    budgets,
    credits,
    usage.addChildren([usagePages.addChildren([usageSummary, usageCosts, usageCalls, usageRuns]), receipt]),
    settings.addChildren([settingsIndex, profile, security, sessions, events]),
  ]),
  parts,
  mailbox,
]);

async function requireSession({
  context,
  location,
}: {
  context: RouterContext;
  location: { href: string };
}): Promise<void> {
  const session = await currentSession(context.client);
  if (session === null) throw redirect({ to: '/sign-in', search: { return_to: location.href } });
}

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { client },
    defaultPreload: 'intent',
    defaultErrorComponent: FailurePage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPendingMs: 100,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
