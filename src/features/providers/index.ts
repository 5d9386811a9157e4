/** The face of the slice: providers as a table, calls to their models, their health. */
import type { Operation } from '../../platform/http/operation.ts';
import { listProviders } from './routes/list-providers.ts';

export { askModel } from './ask-model.ts';
export {
  type Availability,
  addressesOf,
  availability,
  missingSettings,
  providerSettingNames,
  secretSettingOf,
  settingNamesOf,
} from './availability.ts';
export { type CallSurroundings, createCallContext, sleep, type WaitUntil } from './call-context.ts';
export { type CheckedProvider, checkProvider, checkProviders } from './check-providers.ts';
export type { ClientRequest } from './client-request.ts';
export * from './codec.ts';
export * from './conversation.ts';
export type { Authentication, ProviderDefinition, Settings } from './definition.ts';
export {
  type Forwarded,
  type ForwardedAnswer,
  type ForwardedEmbeddings,
  type ForwardedStream,
  forwardEmbeddings,
  forwardStream,
  forwardWhole,
} from './forward.ts';
export * from './health.ts';
export { current, type LimitState, mergeLimits } from './limits.ts';
export { clientParam, missingTurn, weightyLoss } from './losses.ts';
export * from './model-call.ts';
export { noUsableKey } from './prepare.ts';
export { type KeySource, keyFrom, type ProviderKey, platformKeySource } from './provider-key.ts';
export { streamModel } from './stream-model.ts';
export { PROVIDERS, providerById } from './table.ts';
export {
  codecFor,
  decodeEmbeddingRequest,
  type EmbeddingEncoding,
  type EmbeddingRequest,
  type EmbeddingResponse,
  encodeEmbeddingResponse,
} from './wire/index.ts';

/** The slice's routes. */
export const providerOperations: Operation[] = [listProviders];
