import type { Principal } from '../../contracts/principal.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { clientName } from '../../platform/http/client-name.ts';
import type { Admission, AppContext } from '../../platform/http/context.ts';
import type { Catalog, Model } from '../catalog/index.ts';
import { type ChosenBy, createMeter, type Feature } from '../metering/index.ts';
import {
  type CallOptions,
  type CallSurroundings,
  createCallContext,
  type Forwarded,
  ModelCallError,
  type ModelTarget,
} from '../providers/index.ts';
import { loadAnswerLengths } from '../routing/index.ts';
import type { TenantKeys } from '../vault/index.ts';
import { CallRecord } from './call-record.ts';
import type { TenantModels } from './models-of.ts';
import { asClientError } from './upstream-error.ts';

/** How often a call that takes long says that it is still under way, in milliseconds: well within every lease. */
export const BEAT_MS = 5_000;
/** Times of a call when nothing else is said: models that think may be silent for minutes. Milliseconds. */
const PATIENT = { headersMs: 180_000, firstEventMs: 180_000, idleMs: 180_000, totalMs: 900_000 };
/** With another model to fall back on, the first is not waited for as long. */
const WITH_FALLBACKS = { ...PATIENT, headersMs: 45_000, firstEventMs: 45_000 };

/** What was chosen for a call. */
export interface Choice {
  /** First choice and fallbacks, never empty. */
  readonly models: readonly Model[];
  readonly chosenBy: ChosenBy;
  /** The task that the prompt was told to be; null where nobody asked. */
  readonly task: string | null;
  /** Headers that explain it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A call on its way, with what its parts need of around it. */
export interface Serving {
  readonly c: AppContext;
  readonly admission: Admission;
  readonly catalog: Catalog;
  readonly choice: Choice;
  readonly record: CallRecord;
  readonly keys: TenantKeys;
}

/** What a call is recorded as. */
export interface ServedCall {
  readonly feature: Feature;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly maxTokens: number | null;
  /** Answers asked for at once; 1 when absent. */
  readonly choices?: number;
}

/**
 * Runs the work of a request so that it goes on when the client leaves, as long as it takes to stop the provider and to record what it had
 * produced. Without this the platform would cut the work off with the client's connection, and what was held would stay held.
 */
export function serveToEnd(c: AppContext, work: Promise<Response>): Promise<Response> {
  c.executionCtx.waitUntil(
    work.then(
      () => undefined,
      () => undefined,
    ),
  );
  return work;
}

/** The admission of the request; every operation of the gateway is limited. */
export function admissionOf(c: AppContext): Admission {
  const admission = c.get('admission');
  if (admission === undefined) throw new Error('an operation of the gateway must be limited');
  return admission;
}

/** Puts together what the parts of a call need. */
export function servingOf(
  c: AppContext,
  { catalog, keys }: TenantModels,
  choice: Choice,
  served: ServedCall,
  principal: Principal,
): Serving {
  const clock = c.get('clock');
  const log = c.get('log');
  const requestId = c.get('requestId');
  const byId = new Map(choice.models.map((model) => [model.id, model]));
  const { chosenBy, task } = choice;
  const record = new CallRecord(
    { principal, requestId, client: clientName(c.req.raw.headers), chosenBy, task, ...served },
    {
      meter: createMeter(c.env, clock, log, (work) => c.executionCtx.waitUntil(work)),
      clock,
      modelOf: ({ modelId }) => byId.get(modelId) ?? catalog.require(modelId),
      lengths: () =>
        loadAnswerLengths(c.env, c.get('config'), clock, (work) => c.executionCtx.waitUntil(work)),
    },
  );
  return { c, admission: admissionOf(c), catalog, choice, record, keys };
}

/** Asks the chosen models, one after the other until one answers, with holds and heartbeats. Throws what the client is told. */
export async function askModels<T extends Forwarded>(
  { c, admission, catalog, choice, record, keys }: Serving,
  forward: (context: CallSurroundings, target: ModelTarget, options: CallOptions) => Promise<T>,
): Promise<T> {
  const [first, ...fallbacks] = choice.models.map((model) => catalog.target(model));
  if (first === undefined) throw new Error('a call without a model');
  await record.takeTokens(admission);
  const context = createCallContext(
    c.env,
    c.get('config'),
    c.get('log'),
    (work) => c.executionCtx.waitUntil(work),
    keys.source,
  );
  try {
    const answered = await forward(context, first, {
      signal: c.req.raw.signal,
      timeouts: timeoutsOf(c, fallbacks.length > 0),
      fallbacks,
      beforeTarget: (target, keyStrategy, providerKeyId) => record.hold(target, keyStrategy, providerKeyId),
      beat: {
        everyMs: BEAT_MS,
        run: () => {
          admission.beat();
          record.beat();
        },
      },
    });
    record.failed(answered.failures);
    return answered;
  } catch (error) {
    if (error instanceof ModelCallError) record.failed(error.failures);
    record.release();
    throw asClientError(error);
  }
}

/** `x-parallax-timeout-ms` bounds the wait for an answer to begin, and for a whole answer. */
function timeoutsOf(c: AppContext, hasFallbacks: boolean): NonNullable<CallOptions['timeouts']> {
  const usual = hasFallbacks ? WITH_FALLBACKS : PATIENT;
  const wish = c.req.raw.headers.get('x-parallax-timeout-ms');
  if (wish === null) return usual;
  const milliseconds = Number(wish);
  if (!Number.isInteger(milliseconds) || milliseconds < 1 || milliseconds > PATIENT.totalMs) {
    throw new ParallaxError(
      'invalid_parameter',
      `\`x-parallax-timeout-ms\` must be a whole number of milliseconds, at most ${PATIENT.totalMs}.`,
      { param: 'x-parallax-timeout-ms' },
    );
  }
  return { ...usual, headersMs: milliseconds, firstEventMs: milliseconds };
}

/** What the model's format could not say and was left out, by its path: a header that programs and people can look at. */
export function droppedHeader({ dropped }: Forwarded): Record<string, string> {
  if (dropped.length === 0) return {};
  const paths = [...new Set(dropped.map(({ path }) => path.replaceAll(/[^\x21-\x7e]/g, '?')))];
  return { 'x-parallax-dropped': paths.join(', ').slice(0, 500) };
}
