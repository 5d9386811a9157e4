import { BUILT_IN_PANELS } from '../../contracts/routing.ts';
import type { Catalog, Model } from '../catalog/index.ts';
import { unique } from './explicit.ts';
import type { Panel, TenantRouting } from './tenant-routing.ts';

/** A tenant's panel, or one that every tenant has. */
export function panelNamed(
  name: string,
  { catalog, tenant }: { readonly catalog: Catalog; readonly tenant: TenantRouting },
): Panel | undefined {
  const key = name.trim().toLowerCase();
  return tenant.panels.find((panel) => panel.name === key) ?? builtInPanel(key, catalog);
}

/** A panel that every tenant has (`consensus`, `best`, `synthesis`, `debate`): the models that a run takes when none are named. */
function builtInPanel(name: string, catalog: Catalog): Panel | undefined {
  if (!Object.hasOwn(BUILT_IN_PANELS, name)) return undefined;
  return {
    name,
    models: catalog.defaultTrio().map(({ id }) => id),
    strategy: BUILT_IN_PANELS[name as keyof typeof BUILT_IN_PANELS],
    mergeModel: null,
    rounds: null,
    quorum: null,
    stragglerGraceMs: null,
  };
}

/** The models of a panel that the catalog knows. */
export function modelsOf(panel: Panel, catalog: Catalog): Model[] {
  return unique(panel.models.flatMap((one) => catalog.find(typeof one === 'string' ? one : one.model) ?? []));
}

/** Those of them that can be called. */
export function usableModels(panel: Panel, catalog: Catalog): Model[] {
  return modelsOf(panel, catalog).filter((model) => catalog.isAvailable(model));
}
