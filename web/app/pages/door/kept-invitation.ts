import { useEffect, useState } from 'react';

const KEY = 'parallax-invitation';

/**
 * The token of an invitation's link. It leaves the address bar at once, and is kept in this tab's own storage while the person signs in or up; the
 * tab's end forgets it.
 */
export function useKeptInvitation(): string | null {
  const [token] = useState(
    () => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? sessionStorage.getItem(KEY),
  );
  useEffect(() => {
    if (token !== null) sessionStorage.setItem(KEY, token);
    if (window.location.hash !== '')
      window.history.replaceState(window.history.state, '', window.location.pathname);
  }, [token]);
  return token;
}

export function forgetInvitation(): void {
  sessionStorage.removeItem(KEY);
}
