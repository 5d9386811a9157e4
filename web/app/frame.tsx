import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Boxes, KeyRound, LayoutDashboard, LogOut, SunMoon } from 'lucide-react';
import { useEffect } from 'react';
import { post } from './api.ts';
import { Brand, Skeleton } from './parts.tsx';
import { session } from './session.ts';
import { switchTheme } from './theme.ts';

const PAGES = [
  { to: '/overview', name: 'Overview', icon: LayoutDashboard },
  { to: '/keys', name: 'API keys', icon: KeyRound },
  { to: '/apps', name: 'Connected apps', icon: Boxes },
] as const;

/** The rail with the tenant at its top and the person at its bottom; a bar at the bottom of a phone. */
export function Frame() {
  const client = useQueryClient();
  const { pathname, searchStr } = useLocation();
  const who = useQuery(session);
  const page = PAGES.find(({ to }) => pathname.startsWith(to));
  const choose = useMutation({
    mutationFn: (tenant_id: string) => post('/v1/session/tenant', { tenant_id }),
    onSuccess: () => client.invalidateQueries(),
  });
  const leave = useMutation({
    mutationFn: () => post('/auth/sign-out'),
    onSuccess: () => window.location.assign('/sign-in'),
  });
  useEffect(() => {
    document.title = `${page?.name ?? 'Parallax'} – Parallax`;
    if (who.data === null)
      window.location.replace(`/sign-in?next=${encodeURIComponent(`${pathname}${searchStr}`)}`);
  }, [who.data, page, pathname, searchStr]);
  if (who.data === undefined || who.data === null) return <Skeleton rows={6} />;
  const { person, tenant, tenants } = who.data;
  return (
    <div className="frame">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <nav className="rail" aria-label="Pages">
        <a className="brand" href="/">
          <Brand /> Parallax
        </a>
        <label className="tenant">
          <span className="visually-hidden">Tenant</span>
          <select
            value={tenant?.id ?? ''}
            onChange={(event) => choose.mutate(event.target.value)}
            disabled={choose.isPending}
          >
            {tenants.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <ul>
          {PAGES.map(({ to, name, icon: Icon }) => (
            <li key={to}>
              <Link to={to} activeProps={{ 'aria-current': 'page' }}>
                <Icon size={16} aria-hidden="true" />
                <span>{name}</span>
              </Link>
            </li>
          ))}
        </ul>
        <div className="person">
          <span className="who">
            <bdi>{person.name}</bdi>
            <span className="faint">{person.email}</span>
          </span>
          <button
            type="button"
            className="icon"
            onClick={switchTheme}
            aria-label="Change between light and dark"
          >
            <SunMoon size={16} aria-hidden="true" />
          </button>
          <button type="button" className="icon" onClick={() => leave.mutate()} aria-label="Sign out">
            <LogOut size={16} aria-hidden="true" />
          </button>
        </div>
      </nav>
      <main id="content" className="content">
        <Outlet />
      </main>
    </div>
  );
}
