/**
 * Where the pages of the web app are: the first segments of their paths. The Worker answers a path under one of these with the app's page, which
 * does the rest; every other path is a file or is not there.
 */
export const APP_PATHS = [
  '/sign-up',
  '/sign-in',
  '/verify-email',
  '/forgot-password',
  '/reset-password',
  '/invitation',
  '/consent',
  '/overview',
  '/api-keys',
  '/provider-keys',
  '/vaults',
  '/webhooks',
  '/connected-apps',
  '/usage',
  '/billing',
  '/budgets',
  '/credits',
  '/members',
  '/tenant',
  '/audit',
  '/settings',
  '/ui',
  '/dev/mailbox',
] as const;

/** Whether a path is a page of the app, or under one. Pure. */
export function isAppPath(path: string): boolean {
  return APP_PATHS.some((page) => path === page || path.startsWith(`${page}/`));
}
