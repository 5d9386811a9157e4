import { listModels, modelView } from '../../features/catalog/index.ts';
import { inOrder, modelCard } from '../model-card.ts';
import { RESOURCE_WORDS } from '../wording.ts';
import type { ResourceContext, ResourceKind } from './resource.ts';
import { MODEL_TEMPLATE, MODELS_URI, parseUri } from './uris.ts';

const TTL_MS = 60_000;
const MAX_COMPLETIONS = 20;

/** The catalog: all of it as one resource, in short, and each model as its own, in full. */
export const modelResources: ResourceKind = {
  permission: 'models:read',
  templates: [
    { uriTemplate: MODEL_TEMPLATE, name: 'model', ...RESOURCE_WORDS.model, mimeType: 'application/json' },
  ],

  async list() {
    return [{ uri: MODELS_URI, name: 'models', ...RESOURCE_WORDS.models, mimeType: 'application/json' }];
  },

  async read(uri, context) {
    const address = parseUri(uri);
    if (address?.kind === 'models') return json(await cards(context));
    if (address?.kind !== 'model') return undefined;
    const catalog = await context.catalog();
    const model = catalog.require(address.id);
    return json(modelView(model, catalog.isAvailable(model)));
  },

  async complete(template, variable, beginning, context) {
    if (template !== MODEL_TEMPLATE || variable !== 'id') return [];
    const wanted = beginning.toLowerCase();
    const ids = (await cards(context)).map((card) => card.id);
    return ids.filter((id) => id.toLowerCase().includes(wanted)).slice(0, MAX_COMPLETIONS);
  },
};

async function cards({ catalog: load }: ResourceContext) {
  const catalog = await load();
  const all = [true, false].flatMap(
    (available) => listModels(catalog, { available }, Number.MAX_SAFE_INTEGER).data,
  );
  return inOrder(all.map(modelCard));
}

function json(value: unknown) {
  return { mimeType: 'application/json', text: JSON.stringify(value, null, 1), ttlMs: TTL_MS };
}
