/**
 * Headers of every page: a strict content security policy, no framing, no referrer to other origins. Scripts and styles come from this
 * origin alone. The reference page (`/docs`) renders with a library that sets styles inline, and is the one exception.
 */
export function securePage(response: Response, path: string): Response {
  const page = new Response(response.body, response);
  const styles = path.startsWith('/docs') ? "'self' 'unsafe-inline'" : "'self'";
  page.headers.set(
    'content-security-policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src ${styles}`,
      "img-src 'self' data:",
      "font-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  page.headers.set('x-frame-options', 'DENY');
  page.headers.set('referrer-policy', 'strict-origin-when-cross-origin');
  page.headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  return page;
}
