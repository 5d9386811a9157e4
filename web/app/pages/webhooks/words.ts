/** What webhooks and their deliveries are, in words. Pure. */
import type {
  WebhookDeliveryView,
  WebhookEndpointView,
  WebhookEvent,
  WebhookType,
} from '../../../../src/contracts/webhooks.ts';
import type { Tone } from '../../../ui/badge.tsx';

interface State {
  readonly word: string;
  readonly tone: Tone;
}

export const TYPE_NAMES: Readonly<Record<WebhookType, string>> = {
  'budget.reached': 'A budget is reached',
  'webhook.test': 'A test',
};

export const EVENT_HELP: Readonly<Record<WebhookEvent, string>> = {
  'budget.reached': 'At 50, 80, 90 and 100 % of its limit, once a period each.',
};

const OFF: Readonly<
  Record<NonNullable<WebhookEndpointView['off_because']>, State & { readonly why: string }>
> = {
  person: {
    word: 'Off, by a person',
    tone: 'neutral',
    why: 'Somebody turned it off.',
  },
  gone: {
    word: 'Off, gone',
    tone: 'danger',
    why: 'The address answered 410 Gone: nothing is wanted there any more.',
  },
  failing: {
    word: 'Off, kept failing',
    tone: 'danger',
    why: 'Nothing arrived there for five days.',
  },
};

type EndpointState = Pick<WebhookEndpointView, 'off_because' | 'failing_since'>;

/** Whether an endpoint is on, and how it goes. */
export function endpointState({ off_because: off, failing_since: failing }: EndpointState): State {
  if (off !== null) return OFF[off];
  return failing === null ? { word: 'On', tone: 'success' } : { word: 'On, but failing', tone: 'warning' };
}

/** Why an endpoint is off, as a sentence; null while it is on. */
export function whyOff({ off_because: off }: Pick<WebhookEndpointView, 'off_because'>): string | null {
  return off === null ? null : OFF[off].why;
}

type DeliveryState = Pick<WebhookDeliveryView, 'status' | 'attempts' | 'response_status' | 'error'>;

export function deliveryState({ status, attempts }: DeliveryState): State {
  if (status === 'delivered') return { word: 'Delivered', tone: 'success' };
  if (status === 'failed') return { word: 'Failed', tone: 'danger' };
  return attempts === 0 ? { word: 'On its way', tone: 'info' } : { word: 'Will try again', tone: 'warning' };
}

/** What the last attempt was answered, in a word or two; null before the first. */
export function answerWords({ attempts, response_status: status, error }: DeliveryState): string | null {
  if (status !== null) return String(status);
  if (attempts > 0) return 'No answer';
  return error === null ? null : 'Not posted';
}

const LEAST_MS = 1_500;
const MOST_MS = 60_000;
/** What is due for longer than this waits in the queue: it is asked for less often. */
const OVERDUE_MS = 60_000;
const OVERDUE_EVERY_MS = 15_000;

/** In how many milliseconds a list of deliveries is worth looking at again: soon while one is under way, else when the next attempt is due; false when none is pending. */
export function lookAgainMs(
  deliveries: readonly Pick<WebhookDeliveryView, 'status' | 'next_attempt_at'>[],
  now: number,
): number | false {
  const waits = deliveries
    .filter(({ status }) => status === 'pending')
    .map(({ next_attempt_at: at }) => {
      const left = at === null ? 0 : Date.parse(at) - now;
      return left < -OVERDUE_MS ? OVERDUE_EVERY_MS : Math.max(LEAST_MS, left + LEAST_MS);
    });
  return waits.length === 0 ? false : Math.min(MOST_MS, ...waits);
}
