import type { Permission } from '../../contracts/permissions.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Catalog } from '../../features/catalog/index.ts';
import type { RunService } from '../../features/perspectives/index.ts';

/** All that a resource may use. */
export interface ResourceContext {
  readonly principal: Principal;
  readonly runs: RunService;
  readonly catalog: () => Promise<Catalog>;
}

export interface ResourceEntry {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface ResourceTemplateEntry extends Omit<ResourceEntry, 'uri'> {
  readonly uriTemplate: string;
}

/** What a resource holds, and for how long a client may keep it (`ttlMs` of 2026-07-28). */
export interface ResourceText {
  readonly mimeType: string;
  readonly text: string;
  readonly ttlMs: number;
}

/** The same for what is no text: `blob` is Base64. */
export interface ResourceBlob {
  readonly mimeType: string;
  readonly blob: string;
  readonly ttlMs: number;
}

/** A kind of resource: what can be listed, what addresses it has, how one is read. */
export interface ResourceKind {
  readonly permission: Permission;
  readonly templates: readonly ResourceTemplateEntry[];
  list(context: ResourceContext): Promise<readonly ResourceEntry[]>;
  /** The resource at an address, or undefined when this kind has none there. Throws `ParallaxError` `not_found` and the like. */
  read(uri: string, context: ResourceContext): Promise<ResourceText | ResourceBlob | undefined>;
  /** What a variable of one of the templates could be, given its beginning. */
  complete(
    template: string,
    variable: string,
    beginning: string,
    context: ResourceContext,
  ): Promise<readonly string[]>;
}
