import { desc, lt } from 'drizzle-orm';
import type { Quote, Run, RunEvent } from '../../contracts/perspectives.ts';
import type { Principal } from '../../contracts/principal.ts';
import { canonicalJson } from '../../platform/canonical-json.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { sha256Hex } from '../../platform/crypto.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { claimIdempotencyKey, findIdempotencyKey } from '../../platform/idempotency/claim.ts';
import { isId, newId } from '../../platform/ids.ts';
import { createLogger } from '../../platform/log.ts';
import { fromUsd, toUsd } from '../../platform/money.ts';
import { readSse } from '../../platform/sse.ts';
import { type Catalog, loadCatalog } from '../catalog/index.ts';
import { PROVIDERS, platformKeySource } from '../providers/index.ts';
import { loadAnswerLengths } from '../routing/index.ts';
import { tenantKeysOf } from '../vault/index.ts';
import { conversationText } from './conversation/carried.ts';
import { planConversation } from './conversation/plan-conversation.ts';
import { watchAnswer } from './conversation/watch-answer.ts';
import { messageTokens } from './message-tokens.ts';
import { planMerge, planRun, type RunPlan, type Turn } from './plan.ts';
import { toolTokens } from './prompt.ts';
import { type CostEstimate, estimateMerge, estimateRun, quoteView } from './quote.ts';
import type { RunPayer } from './run-credit.ts';
import { giveNeedsBack, takeNeeds } from './run-needs.ts';
import { callRun, type RunObject } from './run-object.ts';
import type { RunService, StartedRun, StartOptions } from './run-service.ts';
import { giveBackTokens } from './run-tokens.ts';
import { runs } from './schema.ts';

const IDEMPOTENT_ROUTE = 'POST /v1/perspectives';
/** The chat routes share it: a run is the same whichever shape its client speaks. */
const IDEMPOTENT_CHAT_ROUTE = 'POST run as a model';

export interface RunServiceDependencies {
  readonly env: Env;
  readonly config: Config;
  readonly clock: Clock;
  readonly askedBy: AskedBy;
}

/** The request that asks: a run's calls are recorded with it. */
export interface AskedBy {
  /** Null outside a request. */
  readonly requestId: string | null;
  /** The program that asks, as `clientName` reads it. */
  readonly client: string | null;
}

/** The runs of this deployment: decides, and leaves the running to each run's Durable Object. */
export function createRunService({ env, config, clock, askedBy }: RunServiceDependencies): RunService {
  /** What a tenant can reach, and which of it is paid with credit: what its own keys do not serve and a paid key of the platform does. */
  const reach = async (principal: Principal) => {
    const context = { env, config, clock, log: createLogger({ part: 'runs' }), waitUntil: () => undefined };
    const use = {
      tenantId: principal.tenantId,
      userId: principal.userId,
      requestId: askedBy.requestId,
      reason: 'run',
    } as const;
    const { providers, ownOnly } = await tenantKeysOf(context, use);
    const catalog = await loadCatalog(env, config, clock, providers);
    const platform = platformKeySource(config);
    const paid = new Set<string>();
    for (const provider of PROVIDERS)
      if (
        !providers.includes(provider.id) &&
        !ownOnly.includes(provider.id) &&
        (await platform(provider))?.strategy === 'platform'
      )
        paid.add(provider.id);
    const paysWithCredit = (modelId: string) => paid.has(modelId.slice(0, modelId.indexOf('/')));
    return { catalog, paysWithCredit };
  };
  /** How long the answers in runs are, by model: usually for what is told, likely for what is held. */
  const lengthsOf = async () => {
    const { usual, likely } = await loadAnswerLengths(env, config, clock);
    return {
      usual: (modelId: string) => usual(modelId, 'perspective'),
      likely: (modelId: string) => likely(modelId, 'perspective'),
    };
  };
  const ask = <T>(id: string, repeatable: boolean, call: (object: RunObject) => Promise<T>): Promise<T> => {
    if (!isId('run', id))
      throw new ParallaxError('not_found', 'There is no such run: a run’s id looks like run_01JD….');
    return callRun(env.PERSPECTIVE_RUN, id, repeatable, call);
  };
  const planOf = async (principal: Principal, id: string) =>
    unwrap(await ask(id, true, (run) => run.plan(principal.tenantId))) as RunPlan;

  const historyOf = async (principal: Principal, id: string | undefined): Promise<Turn[]> => {
    if (id === undefined) return [];
    const earlier = await service.get(principal, id);
    if (earlier.status === 'running') {
      throw new ParallaxError('conflict', 'The run to continue from has not finished yet.', {
        param: 'continue_from',
        retryAfterMs: 2000,
      });
    }
    const { history } = await planOf(principal, id);
    return [...history, turnOf(earlier)];
  };

  /** Starts a run, once for each idempotency key. `prepare` decides what it will do; nothing has been spent when it throws. */
  const startOnce = async (
    principal: Principal,
    { origin, idempotencyKey }: StartOptions,
    route: string,
    asked: unknown,
    prepare: (
      catalog: Catalog,
    ) => Promise<{ plan: RunPlan; conversation: string | null; carriedTokens: number | null }>,
  ): Promise<StartedRun> => {
    const now = clock.now();
    const claim = idempotencyKey === undefined ? null : { route, key: idempotencyKey, request: asked, now };
    if (claim !== null) {
      const known = await findIdempotencyKey(env.DB, principal, claim);
      if (known !== null && (await ask(known, true, (run) => run.get(principal.tenantId))).ok)
        return { id: known };
    }
    const { catalog, paysWithCredit } = await reach(principal);
    const { plan, conversation, carriedTokens } = await prepare(catalog);
    let id = newId('run', now);
    if (claim !== null) {
      ({ resourceId: id } = await claimIdempotencyKey(env.DB, principal, { ...claim, resourceId: id }));
    }
    const header = {
      id,
      tenantId: principal.tenantId,
      userId: principal.userId,
      keyId: principal.keyId ?? null,
      origin,
      createdAt: now,
      ...askedBy,
      ...(principal.keyFamilyId === undefined ? {} : { keyFamilyId: principal.keyFamilyId }),
      ...(principal.spendLimited === undefined ? {} : { spendLimited: principal.spendLimited }),
    };
    // The digest is of the request, not of the plan: the default trio may be another by the time of a replay.
    const digest = await sha256Hex(canonicalJson(asked));
    const lengths = await lengthsOf();
    const estimate = estimateRun(plan, catalog, lengths.likely, carriedTokens);
    const taken = await takeNeeds(env, clock, {
      payer: header,
      plan,
      estimate,
      catalog,
      paysWithCredit,
      // The demonstration is bounded by its visitors' addresses.
      countsTokens: origin !== 'demo',
    });
    const { markupBasisPoints, held, counted, tokens, tokenState } = taken;
    // Should this throw, it is not known whether the run came about: if it did it frees by itself what it does not cost, else the hold ends.
    const created = await ask(id, true, (run) =>
      run.create(
        {
          ...header,
          markupBasisPoints,
          held,
          ...(counted ? { counted } : {}),
          ...(tokens === null ? {} : { tokens: [{ ...tokens, from: 0 }] }),
        },
        plan,
        digest,
        conversation,
      ),
    );
    if (!created.ok) await giveNeedsBack(env, header, taken);
    // A run that the same request had started before has its own tokens.
    else if (tokens !== null && created.value.tokens !== tokens.id) await giveBackTokens(env, header, tokens);
    unwrap(created);
    return tokenState === null ? { id } : { id, tokens: tokenState };
  };

  const service: RunService = {
    start(principal, request, options) {
      // What is asked, however it is delivered: a retry may stream where the first try did not.
      const { stream: _, ...asked } = request;
      return startOnce(principal, options, IDEMPOTENT_ROUTE, asked, async (catalog) => {
        const plan = planRun(request, catalog, await historyOf(principal, request.continue_from));
        refuseAbove(request.max_cost_usd, estimateRun(plan, catalog, (await lengthsOf()).usual));
        return { plan, conversation: null, carriedTokens: null };
      });
    },

    async startConversation(principal, { spec, conversation, timeoutMs }, options) {
      // Only a key asks whether two requests are the same, and it is answered by a digest: a conversation may have megabytes.
      const identity =
        options.idempotencyKey === undefined ? null : await sha256Hex(canonicalJson(conversation));
      const asked = { spec, timeoutMs, conversation: identity };
      return startOnce(principal, options, IDEMPOTENT_CHAT_ROUTE, asked, async (catalog) => {
        const plan = planConversation(spec, conversation, catalog, timeoutMs);
        const models = plan.perspectives.filter(({ usable }) => usable).length;
        const carriedTokens = messageTokens(conversation.messages) + toolTokens(conversation.tools);
        return { plan, conversation: conversationText(conversation, models), carriedTokens };
      });
    },

    async *answerEvents(principal, id, signal) {
      const open = async (after: number) => {
        const query = new URLSearchParams({ tenant: principal.tenantId, after: String(after) });
        return bodyOf(await ask(id, true, (run) => run.fetch(`https://perspective-run/answer?${query}`)));
      };
      yield* watchAnswer(open, signal);
    },

    async answer(principal, id) {
      return unwrap(await ask(id, true, (run) => run.answer(principal.tenantId)));
    },

    async get(principal, id) {
      return unwrap(await ask(id, true, (run) => run.get(principal.tenantId)));
    },

    async finished(principal, id) {
      return unwrap(await ask(id, true, (run) => run.finished(principal.tenantId)));
    },

    async eventStream(principal, id, after) {
      const query = new URLSearchParams({ tenant: principal.tenantId, after: String(after) });
      return bodyOf(await ask(id, true, (run) => run.fetch(`https://perspective-run/events?${query}`)));
    },

    async *events(principal, id, after) {
      for await (const event of readSse(await service.eventStream(principal, id, after))) {
        yield { id: Number(event.id), event: JSON.parse(event.data) as RunEvent };
      }
    },

    async merge(principal, id, request) {
      const { catalog, paysWithCredit } = await reach(principal);
      const planned = planMerge(request, catalog);
      const [run, plan] = await Promise.all([service.get(principal, id), planOf(principal, id)]);
      const estimate = estimateMerge(run, planned, plan, catalog);
      refuseAbove(request.max_cost_usd, estimate);
      // Under the run's own name, which its object charges and frees when the merge has ended.
      const payer = { ...payerOf(principal), id };
      if (run.status === 'running')
        throw new ParallaxError('conflict', 'The run has not finished; merge it when it has.', {
          retryAfterMs: 2000,
        });
      const taken = await takeNeeds(env, clock, {
        payer,
        plan,
        estimate,
        catalog,
        paysWithCredit,
        countsTokens: true,
      });
      // Not repeatable: a merge that was cut off may have been paid.
      const merged = await ask(id, false, (run) => run.merge(principal.tenantId, planned, taken));
      if (!merged.ok) await giveNeedsBack(env, payer, taken);
      return unwrap(merged);
    },

    async cancel(principal, id) {
      unwrap(await ask(id, true, (run) => run.cancel(principal.tenantId)));
    },

    async quote(principal, request): Promise<Quote> {
      const { catalog } = await reach(principal);
      return quoteView(
        estimateRun(
          planRun(request, catalog, await historyOf(principal, request.continue_from)),
          catalog,
          (await lengthsOf()).usual,
        ),
      );
    },

    async list(principal, { limit, cursor }) {
      if (cursor !== undefined && !isId('run', cursor)) {
        throw new ParallaxError('invalid_parameter', '`cursor` is not one that a list gave.', {
          param: 'cursor',
        });
      }
      const rows = await tenantDb(env.DB, principal).select(runs, {
        where: cursor === undefined ? undefined : lt(runs.id, cursor),
        orderBy: desc(runs.id),
        limit: limit + 1,
      });
      const page = rows.slice(0, limit);
      return { rows: page, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  };
  return service;
}

/** Who pays for what a principal asks. */
function payerOf({ tenantId, userId, keyId, keyFamilyId, spendLimited }: Principal): Omit<RunPayer, 'id'> {
  return {
    tenantId,
    userId,
    keyId: keyId ?? null,
    ...(keyFamilyId === undefined ? {} : { keyFamilyId }),
    ...(spendLimited === undefined ? {} : { spendLimited }),
  };
}

/** The body of what a run's object answered over `fetch`. Throws `not_found` when it refused. */
async function bodyOf(response: Response): Promise<ReadableStream<Uint8Array>> {
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  throw new ParallaxError('not_found', 'There is no such run.');
}

/** A finished run as a follow-up carries it on. */
function turnOf(run: Run): Turn {
  return {
    prompt: run.prompt,
    answers: run.perspectives
      .filter((perspective) => perspective.status === 'completed')
      .map((perspective) => ({ modelId: perspective.model, content: perspective.content })),
    conclusion: run.merge?.content ?? null,
  };
}

/** Throws `max_cost_exceeded` with the estimate when the most it can cost is above the bound. Nothing has been spent then. */
function refuseAbove(maxCostUsd: number | undefined, estimate: CostEstimate): void {
  if (maxCostUsd === undefined) return;
  const details = {
    estimate: { expected_usd: toUsd(estimate.expected), maximum_usd: toUsd(estimate.maximum) },
    max_cost_usd: maxCostUsd,
  };
  if (estimate.unpriced.length > 0) {
    throw new ParallaxError(
      'max_cost_exceeded',
      `The catalog has no price for ${estimate.unpriced.join(', ')}, so \`max_cost_usd\` cannot be kept. Choose other models or leave it out.`,
      { param: 'max_cost_usd', details },
    );
  }
  if (estimate.maximum <= fromUsd(maxCostUsd)) return;
  throw new ParallaxError(
    'max_cost_exceeded',
    `This can cost up to $${toUsd(estimate.maximum)} (about $${toUsd(estimate.expected)} is likely), above max_cost_usd of $${maxCostUsd}. Lower max_tokens, ask fewer models, or raise the bound.`,
    { param: 'max_cost_usd', details },
  );
}
