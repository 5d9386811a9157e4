import '@fontsource-variable/geist/wght.css';
import '@fontsource-variable/geist-mono/wght.css';
import '../ui/styles.css';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from '../ui/toaster.tsx';
import { createQueryClient } from './api/query-client.ts';
import { createAppRouter } from './router.tsx';

const client = createQueryClient(() => {
  client.clear();
  const { pathname, searchStr } = router.state.location;
  void router.navigate({ to: '/sign-in', search: { return_to: `${pathname}${searchStr}` } });
});
const router = createAppRouter(client);

const place = document.querySelector('#app');
if (place === null) throw new Error('the page has no place for the app');
createRoot(place).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Toaster />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);
