// Before the page is painted: light or dark as the person chose, else as their system says. A file of its own, because the content
// security policy allows no script in the page.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('parallax-theme');
  } catch {
    // Storage may be closed to this page; the system's choice is as good.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
