import { ParallaxError } from '../../platform/errors.ts';
import type { Catalog } from '../catalog/index.ts';

/**
 * Checks a model that a rule or a panel names: it is known, and answers in text. Whether it can be called may change and is not asked. Throws `ParallaxError`
 * `model_not_found` with the nearest names, `unsupported_parameter`; `param` is where the name stands.
 */
export function requireNamedModel(catalog: Catalog, name: string, param: string): void {
  const model = catalog.find(name) ?? missing(catalog, name, param);
  if (model.category !== 'chat') {
    throw new ParallaxError(
      'unsupported_parameter',
      `\`${param}\`: ${model.id} is a model for ${model.category}; it cannot answer in text.`,
      { param },
    );
  }
}

/** The catalog's own refusal, which has the nearest names or the candidates, at its place in the body. */
function missing(catalog: Catalog, name: string, param: string): never {
  try {
    catalog.require(name);
  } catch (error) {
    if (!(error instanceof ParallaxError)) throw error;
    throw new ParallaxError(error.code, `\`${param}\`: ${error.message}`, { param, details: error.details });
  }
  throw new Error(`the catalog requires and does not find ${name}`);
}
