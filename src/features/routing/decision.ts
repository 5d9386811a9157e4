import type { Task } from '../../contracts/routing.ts';
import type { Catalog, Model } from '../catalog/index.ts';
import type { ChosenBy } from '../metering/index.ts';
import type { Demand } from './ability.ts';
import { unique } from './explicit.ts';
import type { Dice } from './explore.ts';
import type { Knowledge } from './knowledge.ts';
import { type Preferences, readPreferences } from './preferences.ts';
import type { Route, RouteExplanation, RouteRequest } from './route.ts';
import { certainTask, classifyTask, type TaskGuess } from './task/classify.ts';
import type { Panel, TenantRouting } from './tenant-routing.ts';

/** Everything that a decision depends on. */
export interface RoutingState {
  readonly catalog: Catalog;
  readonly knowledge: Knowledge;
  readonly tenant: TenantRouting;
  readonly dice: Dice;
  /** The task, where somebody knows it. */
  readonly task?: Task | undefined;
}

/** Targets of one route, at most. */
const MAX_TARGETS = 12;

/** A request with all that was found out about it so far. */
export interface Decision extends RoutingState {
  readonly request: RouteRequest;
  readonly demand: Demand;
  readonly preferences: Preferences | null;
  /** Told from the prompt when first asked for. */
  readonly guess: () => TaskGuess;
  readonly guessed: () => TaskGuess | null;
  readonly notes: string[];
}

/** A request before anything was decided. Throws `ParallaxError` `invalid_parameter` for preferences that cannot be kept. */
export function begin(request: RouteRequest, state: RoutingState): Decision {
  let guess: TaskGuess | null = null;
  const { needs, inputTokens, maxOutputTokens, preferences } = request;
  return {
    ...state,
    request,
    demand: { needs, inputTokens, maxOutputTokens },
    preferences: preferences === null ? null : readPreferences(preferences),
    guess: () => {
      guess ??= state.task === undefined ? classifyTask(request.features) : certainTask(state.task);
      return guess;
    },
    guessed: () => guess,
    notes: state.tenant.read
      ? []
      : ['The database could not be asked for your rules, panels and settings; the defaults hold.'],
  };
}

/** A route, and the task where it was told on the way. */
export function routeTo(
  { guessed }: Decision,
  targets: readonly Model[],
  chosenBy: ChosenBy,
  explanation: RouteExplanation,
  more: { readonly panel?: Panel; readonly ruleId?: string } = {},
): Route {
  return {
    targets: unique(targets).slice(0, MAX_TARGETS),
    chosenBy,
    panel: more.panel ?? null,
    task: guessed(),
    ruleId: more.ruleId ?? null,
    explanation,
  };
}
