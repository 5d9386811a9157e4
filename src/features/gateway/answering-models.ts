import type { ModelView } from '../../contracts/models.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { AppContext } from '../../platform/http/context.ts';
import type { Catalog } from '../catalog/index.ts';
import { RUN_MODELS } from '../perspectives/index.ts';
import { AUTO, PANEL_PREFIX, type Panel } from '../routing/index.ts';
import { routerOf } from './choose.ts';

/**
 * The models that Parallax answers as itself, as lists show them: the router, the runs that everybody has, and the tenant's panels. They cost what the
 * models cost that they ask, and have room for what those have room for.
 */
export async function answeringModels(
  c: AppContext,
  catalog: Catalog,
  principal: Principal,
): Promise<ModelView[]> {
  const available = catalog.defaultTrio().length > 0;
  return [
    view(
      AUTO,
      'Auto',
      'Chooses the model for each prompt: by your rules, else by task, price, speed and reliability.',
      available,
    ),
    ...RUN_MODELS.map(({ id, name, description }) =>
      view(id.slice(PANEL_PREFIX.length), name, description, available),
    ),
    ...(await routerOf(c).panels(principal)).map((panel) =>
      view(panel.name, panel.name, describe(panel), true),
    ),
  ];
}

function describe({ models, strategy }: Panel): string {
  const names = models.map((one) => (typeof one === 'string' ? one : one.model));
  return `Your panel: asks ${names.join(', ')} and answers by ${strategy}.`;
}

function view(name: string, title: string, description: string, available: boolean): ModelView {
  return {
    id: PANEL_PREFIX + name,
    object: 'model',
    created: 0,
    owned_by: 'parallax',
    name: title,
    description,
    tier: 'premium',
    category: 'chat',
    capabilities: ['tools', 'structured_output', 'streaming'],
    context_window: null,
    max_output_tokens: null,
    pricing: null,
    available,
    deprecated: false,
    aliases: [],
  };
}
