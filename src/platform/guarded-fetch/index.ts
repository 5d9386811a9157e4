/** The one client for addresses that people give. */
export {
  type AddressPolicy,
  type AddressRefusal,
  addressPolicyOf,
  refusalSentence,
  refusedAddress,
} from './address.ts';
export {
  type GuardedBounds,
  type GuardedRequest,
  type GuardedResponse,
  guardedFetch,
  refuseAddress,
} from './guarded-fetch.ts';
