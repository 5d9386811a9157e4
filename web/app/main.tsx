import '@fontsource-variable/geist';
import '@fontsource-variable/geist-mono';
import '../site/tokens.css';
import './app.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refused } from './api.ts';
import { showTheme } from './theme.ts';

showTheme();

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: lazyRouteComponent(() => import('./frame.tsx'), 'Frame'),
});

const wayIn = (
  path: string,
  name: 'SignIn' | 'SignUp' | 'VerifyEmail' | 'ForgotPassword' | 'ResetPassword',
) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(() => import('./pages/way-in.tsx'), name),
  });

const router = createRouter({
  routeTree: root.addChildren([
    wayIn('/sign-in', 'SignIn'),
    wayIn('/sign-up', 'SignUp'),
    wayIn('/verify-email', 'VerifyEmail'),
    wayIn('/forgot-password', 'ForgotPassword'),
    wayIn('/reset-password', 'ResetPassword'),
    createRoute({
      getParentRoute: () => root,
      path: '/consent',
      component: lazyRouteComponent(() => import('./pages/consent.tsx'), 'Consent'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/dev/mailbox',
      component: lazyRouteComponent(() => import('./pages/mailbox.tsx'), 'Mailbox'),
    }),
    frame.addChildren([
      createRoute({
        getParentRoute: () => frame,
        path: '/overview',
        component: lazyRouteComponent(() => import('./pages/overview.tsx'), 'Overview'),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: '/keys',
        component: lazyRouteComponent(() => import('./pages/keys.tsx'), 'Keys'),
      }),
      createRoute({
        getParentRoute: () => frame,
        path: '/apps',
        component: lazyRouteComponent(() => import('./pages/apps.tsx'), 'Apps'),
      }),
    ]),
  ]),
});

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses it refuses again; what did not reach it may.
      retry: (count, error) =>
        count < 2 && error instanceof Refused && (error.status === 0 || error.status >= 500),
    },
  },
});

function NotFound() {
  return (
    <main className="narrow">
      <h1>There is no such page</h1>
      <p>
        <a href="/overview">To the overview</a>
      </p>
    </main>
  );
}

const element = document.getElementById('app');
if (element === null) throw new Error('the page has no place for the app');
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
