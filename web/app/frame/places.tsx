import { Link } from '@tanstack/react-router';
import {
  BookOpen,
  Building2,
  ChartColumn,
  Coins,
  CreditCard,
  KeyRound,
  LayoutDashboard,
  LockKeyhole,
  PiggyBank,
  Plug,
  ScrollText,
  Users,
  Vault,
  Webhook,
} from 'lucide-react';
import type { Permission } from '../../../src/contracts/permissions.ts';
import type { Place, PlaceGroup } from '../../ui/rail.tsx';

interface PlaceOfApp extends Place {
  /** What one must be allowed to do to have any use of it. */
  readonly needs?: Permission;
}

const OVERVIEW: PlaceOfApp = { label: 'Overview', icon: LayoutDashboard, link: <Link to="/overview" /> };
const API_KEYS: PlaceOfApp = {
  label: 'API keys',
  icon: KeyRound,
  link: <Link to="/api-keys" />,
  needs: 'api_keys:read',
};
const PROVIDER_KEYS: PlaceOfApp = {
  label: 'Provider keys',
  icon: Vault,
  link: <Link to="/provider-keys" />,
  needs: 'provider_keys:read',
};
const VAULTS: PlaceOfApp = {
  label: 'Vaults',
  icon: LockKeyhole,
  link: <Link to="/vaults" />,
  needs: 'vaults:read',
};
const WEBHOOKS: PlaceOfApp = {
  label: 'Webhooks',
  icon: Webhook,
  link: <Link to="/webhooks" />,
  needs: 'webhooks:read',
};
const APPS: PlaceOfApp = {
  label: 'Connected apps',
  icon: Plug,
  link: <Link to="/connected-apps" />,
  needs: 'apps:read',
};
const MEMBERS: PlaceOfApp = {
  label: 'Members',
  icon: Users,
  link: <Link to="/members" />,
  needs: 'members:read',
};
const AUDIT: PlaceOfApp = {
  label: 'Audit log',
  icon: ScrollText,
  link: <Link to="/audit" />,
  needs: 'audit:read',
};
const USAGE: PlaceOfApp = {
  label: 'Usage',
  icon: ChartColumn,
  link: <Link to="/usage" />,
  needs: 'usage:read',
};
const BILLING: PlaceOfApp = {
  label: 'Billing',
  icon: CreditCard,
  link: <Link to="/billing" />,
  needs: 'credits:read',
};
const CREDITS: PlaceOfApp = {
  label: 'Credit',
  icon: Coins,
  link: <Link to="/credits" />,
  needs: 'credits:read',
};
const BUDGETS: PlaceOfApp = {
  label: 'Budgets',
  icon: PiggyBank,
  link: <Link to="/budgets" />,
  needs: 'budgets:read',
};
const TENANT: PlaceOfApp = {
  label: 'Tenant settings',
  icon: Building2,
  link: <Link to="/tenant" />,
  needs: 'members:read',
};
// biome-ignore lint/a11y/useAnchorContent: the rail puts the words in
const REFERENCE: PlaceOfApp = { label: 'API reference', icon: BookOpen, link: <a href="/docs/" /> };

const GROUPS: readonly { label: string | null; places: readonly PlaceOfApp[] }[] = [
  { label: null, places: [OVERVIEW, USAGE] },
  { label: 'Build', places: [API_KEYS, PROVIDER_KEYS, VAULTS, WEBHOOKS, APPS, REFERENCE] },
  { label: 'Tenant', places: [MEMBERS, BILLING, CREDITS, BUDGETS, AUDIT, TENANT] },
];

/** The places that somebody has any use of. */
export function placesFor(may: (permission: Permission) => boolean): readonly PlaceGroup[] {
  return GROUPS.map(({ label, places }) => ({
    label,
    places: places.filter(({ needs }) => needs === undefined || may(needs)),
  })).filter(({ places }) => places.length > 0);
}

/** The few that stand in the bar of a phone. */
export const BAR: readonly Place[] = [OVERVIEW, USAGE, API_KEYS];
