/** Pages that were looked at last in this tab. Kept in memory alone: where somebody has been is nobody's business afterwards. */
const MOST = 5;
let pages: readonly { readonly path: string; readonly title: string }[] = [];

export function noteRecent(path: string, title: string): void {
  pages = [{ path, title }, ...pages.filter((page) => page.title !== title)].slice(0, MOST + 1);
}

export function recentPages(): readonly { readonly path: string; readonly title: string }[] {
  return pages.slice(0, MOST);
}

export function forgetRecent(): void {
  pages = [];
}
