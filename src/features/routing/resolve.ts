import type { Capability } from '../../contracts/models.ts';
import type { Principal } from '../../contracts/principal.ts';
import { type ResolvedRoute, type ResolveRequest, TASKS } from '../../contracts/routing.ts';
import { nano, toUsd } from '../../platform/money.ts';
import { estimateTokens } from '../../platform/tokens.ts';
import type { RoutingState } from './decision.ts';
import { type Estimate, estimateCall } from './estimate.ts';
import { AUTO, PANEL_PREFIX, type Route, type RouteRequest } from './route.ts';
import type { Router } from './router.ts';
import type { Scored } from './score.ts';
import { certainTask, classifyTask } from './task/classify.ts';

/** Where a request would go, and why; a dry run. Throws `ParallaxError` as the router does. */
export async function resolve(
  router: Router,
  principal: Principal,
  request: ResolveRequest,
): Promise<ResolvedRoute> {
  const asked = routeRequestOf(request);
  const { route, state } = await router.resolve(principal, asked, request.task);
  return resolvedView(route, asked, state, request);
}

/** A request as the router takes it. What the body does not say itself is read from its messages. */
export function routeRequestOf(request: ResolveRequest): RouteRequest {
  const seen = readMessages(request);
  const tools = typeof request.tools === 'number' ? request.tools : (request.tools?.length ?? 0);
  const wantsJson = request.response_format !== undefined && request.response_format.type !== 'text';
  const inputTokens = request.input_tokens ?? seen.tokens;
  const needs = new Set<Capability>([...(request.needs ?? []), ...(request.capabilities ?? [])]);
  if (tools > 0) needs.add('tools');
  if (request.response_format?.type === 'json_schema') needs.add('structured_output');
  if (seen.hasImages) needs.add('vision');
  if (seen.hasAudio) needs.add('audio_input');
  if (seen.hasFiles) needs.add('files');
  return {
    model: request.model ?? request.models?.[0] ?? AUTO,
    models: request.model === undefined ? (request.models ?? []).slice(1) : (request.models ?? []),
    features: {
      text: seen.text,
      systemLength: seen.systemLength,
      inputTokens,
      hasImages: seen.hasImages,
      hasAudio: seen.hasAudio,
      hasFiles: seen.hasFiles,
      tools,
      wantsJson,
      turns: seen.turns,
    },
    needs: [...needs],
    inputTokens,
    maxOutputTokens: request.max_tokens ?? null,
    preferences: request.provider ?? null,
  };
}

interface Seen {
  /** What the person wrote last. */
  readonly text: string;
  readonly systemLength: number;
  readonly tokens: number;
  readonly turns: number;
  readonly hasImages: boolean;
  readonly hasAudio: boolean;
  readonly hasFiles: boolean;
}

/** Tokens that a picture or a recording is counted as where only its presence is known: what most providers count for a middling one. */
const MEDIA_TOKENS = 1_000;

function readMessages({ prompt, system, messages = [] }: ResolveRequest): Seen {
  let text = '';
  let systemLength = system?.length ?? 0;
  let tokens = estimateTokens(system ?? '');
  let turns = 0;
  const kinds = { image: 0, audio: 0, file: 0 };
  const all = prompt === undefined ? messages : [...messages, { role: 'user', content: prompt }];
  for (const { role, content } of all) {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
    const written = parts.flatMap((part) =>
      'text' in part && typeof part.text === 'string' ? [part.text] : [],
    );
    tokens += estimateTokens(written.join('\n'));
    if (role === 'system' || role === 'developer') systemLength += written.join('\n').length;
    else turns += 1;
    if (role === 'user') text = written.join('\n');
    for (const { type } of parts) {
      // `image_url` and `input_image` of OpenAI, `image` and `document` of Anthropic.
      if (/image/.test(type)) kinds.image += 1;
      else if (/audio/.test(type)) kinds.audio += 1;
      else if (/file|document/.test(type)) kinds.file += 1;
    }
  }
  return {
    text,
    systemLength,
    tokens: tokens + MEDIA_TOKENS * (kinds.image + kinds.audio + kinds.file),
    turns: Math.max(1, turns),
    hasImages: kinds.image > 0,
    hasAudio: kinds.audio > 0,
    hasFiles: kinds.file > 0,
  };
}

function resolvedView(
  route: Route,
  asked: RouteRequest,
  state: RoutingState,
  request: ResolveRequest,
): ResolvedRoute {
  const { explanation, panel, targets } = route;
  const [first, ...fallbacks] = targets;
  if (first === undefined) throw new Error('a route has no target');
  const chosen = explanation.chosen?.model.id === first.id ? explanation.chosen : null;
  const guess =
    route.task ?? (request.task === undefined ? classifyTask(asked.features) : certainTask(request.task));
  const estimate = chosen?.estimate ?? estimateCall(first, state.knowledge.figures(first), guess, asked);
  return {
    object: 'route',
    model: panel === null ? first.id : `${PANEL_PREFIX}${panel.name}`,
    provider: panel === null ? first.provider : 'parallax',
    fallbacks: panel === null ? fallbacks.map(({ id }) => id) : [],
    chosen_by: chosenByView(route.chosenBy),
    reason: explanation.reason,
    confidence: rounded(explanation.confidence),
    task:
      route.task === null
        ? null
        : {
            name: route.task.task,
            confidence: rounded(route.task.confidence),
            scores: TASKS.map((task) => ({ task, probability: rounded(guess.scores[task]) })).sort(
              (a, b) => b.probability - a.probability,
            ),
          },
    estimate: panel === null ? estimateView(estimate) : null,
    score: chosen === null ? null : rounded(chosen.score),
    components: chosen === null ? null : componentsView(chosen),
    runners_up: explanation.runnersUp.map((one) => ({
      model: one.model.id,
      provider: one.model.provider,
      score: rounded(one.score),
      components: componentsView(one),
      estimate: estimateView(one.estimate),
    })),
    rule: explanation.rule,
    panel:
      panel === null
        ? null
        : { name: panel.name, strategy: panel.strategy, models: targets.map(({ id }) => id) },
    exploration: false,
    exploration_share: state.tenant.exploration,
    notes: [...explanation.notes],
  };
}

/** `run` is what a run's own calls are recorded as; no request is routed so. */
function chosenByView(chosenBy: Route['chosenBy']): ResolvedRoute['chosen_by'] {
  return chosenBy === 'run' ? 'explicit' : chosenBy;
}

function estimateView(estimate: Estimate): NonNullable<ResolvedRoute['estimate']> {
  return {
    input_tokens: estimate.inputTokens,
    output_tokens: estimate.outputTokens,
    cost_usd: estimate.costNano === null ? null : toUsd(nano(estimate.costNano)),
    first_token_ms: estimate.firstTokenMs,
    latency_ms: estimate.latencyMs,
    success_rate: rounded(estimate.successRate),
  };
}

function componentsView({ components }: Scored): NonNullable<ResolvedRoute['components']> {
  return {
    cost: rounded(components.cost),
    latency: rounded(components.latency),
    quality: rounded(components.quality),
    reliability: rounded(components.reliability),
  };
}

/** Three decimals: more than the figures are good for. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
