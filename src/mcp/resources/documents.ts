import { ParallaxError } from '../../platform/errors.ts';
import { documentPages, documentText } from '../documentation/index.ts';
import { RESOURCE_WORDS } from '../wording.ts';
import type { ResourceKind } from './resource.ts';
import { DOCUMENT_TEMPLATE, documentUri, parseUri } from './uris.ts';

/** The documentation changes with a deployment only. */
const TTL_MS = 60 * 60 * 1000;

/** The shipped documentation, a page at a time. */
export const documentResources: ResourceKind = {
  permission: 'documentation:read',
  templates: [
    {
      uriTemplate: DOCUMENT_TEMPLATE,
      name: 'documentation',
      ...RESOURCE_WORDS.document,
      mimeType: 'text/markdown',
    },
  ],

  async list() {
    return documentPages().map(({ page, title }) => ({
      uri: documentUri(page),
      name: `docs/${page}`,
      title,
      description: `Documentation: ${title}`,
      mimeType: 'text/markdown',
    }));
  },

  async read(uri) {
    const address = parseUri(uri);
    if (address?.kind !== 'document') return undefined;
    const text = documentText(address.page);
    if (text === undefined) {
      const pages = documentPages().map(({ page }) => page);
      throw new ParallaxError(
        'not_found',
        `There is no page "${address.page.slice(0, 100)}". The pages are: ${pages.join(', ')}.`,
      );
    }
    return { mimeType: 'text/markdown', text, ttlMs: TTL_MS };
  },

  async complete(template, _variable, beginning) {
    if (template !== DOCUMENT_TEMPLATE) return [];
    return documentPages()
      .map(({ page }) => page)
      .filter((page) => page.startsWith(beginning));
  },
};
