import { ParallaxError } from '../../platform/errors.ts';
import { RESOURCE_WORDS } from '../wording.ts';
import type { ResourceContext, ResourceKind } from './resource.ts';
import { PERSPECTIVE_TEMPLATE, parseUri, RUN_TEMPLATE, runUri } from './uris.ts';

const RECENT = 20;
/** A finished run changes only when it is merged again. */
const FINISHED_TTL_MS = 60_000;

/** Runs, the recent ones listed: each whole as JSON, and each of its answers as Markdown. */
export const runResources: ResourceKind = {
  permission: 'perspectives:read',
  templates: [
    { uriTemplate: RUN_TEMPLATE, name: 'run', ...RESOURCE_WORDS.run, mimeType: 'application/json' },
    {
      uriTemplate: PERSPECTIVE_TEMPLATE,
      name: 'perspective',
      ...RESOURCE_WORDS.perspective,
      mimeType: 'text/markdown',
    },
  ],

  async list(context) {
    const rows = await recent(context);
    return rows.map((row) => ({
      uri: runUri(row.id),
      name: row.id,
      title: row.promptPreview.replaceAll(/\s+/g, ' ').slice(0, 80),
      description: `${row.status}, ${new Date(row.createdAt).toISOString()}: ${row.models.join(', ')}`,
      mimeType: 'application/json',
    }));
  },

  async read(uri, { runs, principal }) {
    const address = parseUri(uri);
    if (address?.kind !== 'run' && address?.kind !== 'perspective') return undefined;
    const run = await runs.get(principal, address.id);
    const ttlMs = run.status === 'running' ? 0 : FINISHED_TTL_MS;
    if (address.kind === 'run')
      return { mimeType: 'application/json', text: JSON.stringify(run, null, 1), ttlMs };
    const perspective = run.perspectives.find(({ index }) => index === address.index);
    if (perspective === undefined) {
      throw new ParallaxError(
        'not_found',
        `The run has ${run.perspectives.length} perspectives, counted from 0; there is no ${address.index}.`,
      );
    }
    return { mimeType: 'text/markdown', text: perspective.content, ttlMs };
  },

  async complete(_template, variable, beginning, context) {
    if (variable !== 'id') return [];
    return (await recent(context)).map((row) => row.id).filter((id) => id.startsWith(beginning));
  },
};

async function recent({ runs, principal }: ResourceContext) {
  const { rows } = await runs.list(principal, { limit: RECENT });
  return rows;
}
