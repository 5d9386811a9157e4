import { useEffect, useState } from 'react';

/** What a mail's link carries behind `#`, and the address bar without it: it stays in no history and reaches no server by itself. */
export function useMailedToken(): string | null {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token'));
  useEffect(() => {
    if (window.location.hash !== '')
      window.history.replaceState(
        window.history.state,
        '',
        window.location.pathname + window.location.search,
      );
  }, []);
  return token;
}
