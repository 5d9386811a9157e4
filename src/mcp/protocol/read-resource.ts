import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server';
import { allows, PERMISSIONS } from '../../contracts/permissions.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { ResourceEntry, ResourceTemplateEntry } from '../resources/resource.ts';
import { defect } from './call-tool.ts';
import type { Exchange } from './exchange.ts';

const MAX_COMPLETIONS = 100;

const allowed = ({ principal, offer }: Exchange) =>
  offer.resources.filter((kind) => allows(principal, kind.permission));

/** What can be listed of the kinds that the bearer may read. */
export async function listResources(exchange: Exchange): Promise<ResourceEntry[]> {
  return (await Promise.all(allowed(exchange).map((kind) => kind.list(exchange)))).flat();
}

export function listTemplates(exchange: Exchange): ResourceTemplateEntry[] {
  return allowed(exchange).flatMap((kind) => kind.templates);
}

/**
 * Reads a resource. An address that is nobody's, or whose thing does not exist, is the protocol's resource-not-found; a scope that is missing is said
 * by its name.
 */
export async function readResource(uri: string, exchange: Exchange) {
  try {
    for (const kind of allowed(exchange)) {
      const found = await kind.read(uri, exchange);
      if (found === undefined) continue;
      const { ttlMs, ...content } = found;
      return { contents: [{ uri, ...content }], ttlMs, cacheScope: 'private' as const };
    }
  } catch (thrown) {
    if (thrown instanceof ParallaxError && thrown.status === 404)
      throw new ResourceNotFoundError(uri, thrown.message);
    if (thrown instanceof ParallaxError && thrown.status < 500)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, thrown.message);
    throw defect(thrown, 'a resource could not be read', exchange);
  }
  throw new ResourceNotFoundError(uri, notFound(uri, exchange));
}

function notFound(uri: string, exchange: Exchange): string {
  const missing = exchange.offer.resources
    .filter((kind) => !allows(exchange.principal, kind.permission))
    .map((kind) => PERMISSIONS[kind.permission].scope)
    .filter((scope) => scope !== null);
  const hint =
    missing.length === 0
      ? ''
      : ` Your credential lacks ${missing.map((scope) => `the scope "${scope}"`).join(' and ')}, which some resources need.`;
  const templates = listTemplates(exchange).map(({ uriTemplate }) => uriTemplate);
  return `There is no resource ${uri.slice(0, 200)}. Addresses look like ${templates.join(', ')}.${hint}`;
}

/** Values that a variable of a template could have. */
export async function completeResource(
  template: string,
  variable: string,
  beginning: string,
  exchange: Exchange,
) {
  const kind = allowed(exchange).find(({ templates }) =>
    templates.some(({ uriTemplate }) => uriTemplate === template),
  );
  const values = kind === undefined ? [] : await kind.complete(template, variable, beginning, exchange);
  return {
    completion: {
      values: values.slice(0, MAX_COMPLETIONS),
      total: values.length,
      hasMore: values.length > MAX_COMPLETIONS,
    },
  };
}
