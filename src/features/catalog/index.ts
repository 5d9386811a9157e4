/** The catalog: which models there are, what they can do, what they cost, and which one is meant. */
import type { Operation } from '../../platform/http/operation.ts';
import { deleteOperatorModelOperation } from './routes/delete-operator-model.ts';
import { putOperatorModelOperation } from './routes/put-operator-model.ts';

export type { Catalog } from './catalog.ts';
export { listModels, type ModelFilter, type ModelPage } from './list.ts';
export { loadCatalog, syncCatalog } from './load.ts';
export type { LongContextPrices, Model, Prices } from './model.ts';
export { isSpecialOffer } from './offers.ts';
export { knownFamilyOf } from './preference.ts';
export {
  type ExpectedTokens,
  expectedCost,
  maximumCost,
  priceOf,
  pricesAt,
  type TokenBounds,
} from './prices.ts';
export { blendedPrice, makerOf, plainName } from './traits.ts';
export { modelView } from './view.ts';

export const catalogOperations: readonly Operation[] = [
  putOperatorModelOperation,
  deleteOperatorModelOperation,
];
