import {
  localhostAllowedHostnames,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server';
import type { Config } from '../platform/config.ts';
import { ParallaxError } from '../platform/errors.ts';

/** Who may speak to `/mcp` at all, before anybody is asked who they are. */
export interface DoorPolicy {
  /** Host names under which this deployment is reached. */
  readonly hosts: readonly string[];
  /** Host names whose pages may call it from a browser. */
  readonly origins: readonly string[];
}

type DoorConfig = Pick<Config, 'environment' | 'publicUrl'>;

/**
 * The policy of a deployment. Its public address counts; where it names none, the platform's routing has decided which hosts reach it, except in development,
 * where a name that a stranger points at this machine (DNS rebinding) must not. A page on the reader's own machine (an inspector) may always
 * call: it has to show a bearer like everybody else.
 */
export function doorPolicy(config: DoorConfig, requestUrl: string): DoorPolicy {
  const loopback = localhostAllowedHostnames();
  const own = config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname];
  if (config.environment !== 'production')
    return { hosts: [...own, ...loopback], origins: [...own, ...loopback] };
  const routed = own.length > 0 ? own : [new URL(requestUrl).hostname];
  return { hosts: routed, origins: [...routed, ...loopback] };
}

/** Refuses a request whose `Host` or `Origin` is not ours. Throws `ParallaxError` `origin_refused` (403), as both revisions demand. */
export function passDoor(request: Request, policy: DoorPolicy): void {
  const host = validateHostHeader(request.headers.get('host'), [...policy.hosts]);
  if (!host.ok) {
    throw new ParallaxError(
      'origin_refused',
      'This host name is not one that Parallax is served under. Set PUBLIC_URL to the address clients use.',
    );
  }
  const origin = validateOriginHeader(request.headers.get('origin'), [...policy.origins]);
  if (!origin.ok) {
    throw new ParallaxError(
      'origin_refused',
      'Pages of this origin may not call /mcp. Call it from a server, or from the address in PUBLIC_URL.',
    );
  }
}

const ALLOWED_HEADERS =
  'authorization, x-api-key, content-type, accept, last-event-id, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name';
const EXPOSED_HEADERS = 'mcp-session-id, www-authenticate, retry-after, request-id';
const PREFLIGHT_SECONDS = 86_400;

/** Sets what a browser needs to read the response, for an origin that has passed the door. */
export function openTo(request: Request, response: Response): Response {
  const origin = request.headers.get('origin');
  const opened = new Response(response.body, response);
  opened.headers.append('vary', 'origin');
  if (origin === null || origin === '') return opened;
  opened.headers.set('access-control-allow-origin', origin);
  opened.headers.set('access-control-expose-headers', EXPOSED_HEADERS);
  return opened;
}

/** The answer to a browser's preflight. */
export function preflight(request: Request): Response {
  const response = openTo(request, new Response(null, { status: 204 }));
  response.headers.set('access-control-allow-methods', 'POST, OPTIONS');
  response.headers.set('access-control-allow-headers', ALLOWED_HEADERS);
  response.headers.set('access-control-max-age', String(PREFLIGHT_SECONDS));
  return response;
}
