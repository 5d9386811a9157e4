/** The same choice as on the first page. */
const KEY = 'parallax-theme';

function chosen(): string {
  const kept = localStorage.getItem(KEY);
  if (kept !== null) return kept;
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Shows the page as the person chose, else as their system says. */
export function showTheme(): void {
  document.documentElement.dataset.theme = chosen();
}

export function switchTheme(): void {
  localStorage.setItem(KEY, chosen() === 'dark' ? 'light' : 'dark');
  showTheme();
}
