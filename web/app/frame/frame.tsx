import { Outlet, useRouterState } from '@tanstack/react-router';
import { Ellipsis, PanelLeftClose, PanelLeftOpen, Search } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { COMMAND_KEY, Kbd } from '../../ui/kbd.tsx';
import { Menu, MenuGroup, MenuItem } from '../../ui/menu.tsx';
import { BottomBar, Rail } from '../../ui/rail.tsx';
import { useMay, useSession } from '../api/session.ts';
import { ChooseTenant } from './choose-tenant.tsx';
import { NoticesBell } from './notices-bell.tsx';
import { PersonMenu } from './person-menu.tsx';
import { BAR, placesFor } from './places.tsx';
import { noteRecent } from './recent.ts';
import { TenantSwitcher } from './tenant-switcher.tsx';
import { usePalette } from './use-palette.ts';

const Palette = lazy(() =>
  import('./palette.tsx').then(({ Palette: component }) => ({ default: component })),
);

const COLLAPSED = 'parallax-rail';

/** What stands around every page inside: the rail, or on a phone the bar; the palette; the page. */
export function Frame(): ReactNode {
  const session = useSession();
  const may = useMay();
  const { open, setOpen } = usePalette();
  const [opened, setOpened] = useState(false);
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(COLLAPSED) === 'icons');
  const main = useRef<HTMLElement>(null);
  useArrival(main);
  useEffect(() => {
    if (open) setOpened(true);
  }, [open]);

  if (session.tenant === null) return <ChooseTenant />;
  const groups = placesFor(may);
  const collapse = () => {
    setCollapsed(!collapsed);
    localStorage.setItem(COLLAPSED, collapsed ? 'wide' : 'icons');
  };
  return (
    <div className="flex min-h-dvh bg-surface">
      <a
        href="#main"
        className="absolute -top-12 left-2 z-50 rounded-md bg-float px-3 py-2 focus:top-2 focus:shadow-float"
      >
        Skip to the page
      </a>
      <Rail
        collapsed={collapsed}
        groups={groups}
        head={
          <div className="flex flex-col gap-1.5">
            <TenantSwitcher collapsed={collapsed} />
            <button
              type="button"
              onClick={() => setOpen(true)}
              className={classes(
                'flex h-8 items-center gap-2.5 rounded-md border border-line bg-surface px-2 text-13 text-text-3 hover:border-line-2 hover:text-text-2',
                collapsed && 'justify-center border-transparent bg-transparent',
              )}
            >
              <Search size={14} aria-hidden />
              <span className={classes('flex-1 text-left', collapsed && 'sr-only')}>Go to or do</span>
              {!collapsed && <Kbd>{COMMAND_KEY} K</Kbd>}
            </button>
          </div>
        }
        foot={
          <div className={classes('flex items-center gap-1', collapsed && 'flex-col')}>
            <div className="min-w-0 flex-1">
              <PersonMenu collapsed={collapsed} />
            </div>
            <NoticesBell />
            <IconButton
              icon={collapsed ? PanelLeftOpen : PanelLeftClose}
              label={collapsed ? 'Show names of pages' : 'Show icons only'}
              size="dense"
              onClick={collapse}
            />
          </div>
        }
      />
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="sticky top-0 z-20 flex h-14 items-center gap-2 border-line border-b bg-surface px-3 md:hidden">
          <div className="min-w-0 flex-1">
            <TenantSwitcher />
          </div>
          <IconButton icon={Search} label="Go to or do" onClick={() => setOpen(true)} />
          <NoticesBell small />
          <div className="flex-none">
            <PersonMenu small />
          </div>
        </header>
        <main ref={main} id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none max-md:pb-20">
          <Outlet />
        </main>
      </div>
      <BottomBar
        places={BAR}
        more={
          <Menu
            wide
            side="top"
            align="end"
            trigger={
              <button
                type="button"
                className="flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-12 text-text-2"
              >
                <Ellipsis size={20} aria-hidden />
                More
              </button>
            }
          >
            {groups
              .filter(({ label }) => label !== null)
              .map((group) => (
                <MenuGroup key={group.label} label={group.label}>
                  {group.places.map((place) => (
                    <MenuItem key={place.label} icon={place.icon} link={place.link}>
                      {place.label}
                    </MenuItem>
                  ))}
                </MenuGroup>
              ))}
          </Menu>
        }
      />
      {opened && (
        <Suspense>
          <Palette open={open} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** On another page the keyboard and the screen reader begin at its start, and the palette remembers it. */
function useArrival(main: React.RefObject<HTMLElement | null>): void {
  const { pathname, href } = useRouterState({
    select: ({ location, resolvedLocation }) => ({
      pathname: (resolvedLocation ?? location).pathname,
      href: (resolvedLocation ?? location).href,
    }),
    structuralSharing: true,
  });
  const before = useRef(pathname);
  useEffect(() => {
    // The title is the new page's once it has been painted.
    const timer = setTimeout(() => noteRecent(href, document.title.replace(/ – Parallax$/, '')), 300);
    if (before.current !== pathname) {
      before.current = pathname;
      if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
    }
    return () => clearTimeout(timer);
  }, [pathname, href, main]);
}
