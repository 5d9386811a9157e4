/** Metering: what is recorded of a model call. */
export {
  type CallStatus,
  type ChosenBy,
  type Feature,
  type UsageEvent,
  usageEventSchema,
} from './usage-event.ts';
