import type { Capability, Category } from '../../contracts/models.ts';
import type { ProviderPreferences } from '../../contracts/routing.ts';
import type { Model } from '../catalog/index.ts';
import type { ChosenBy } from '../metering/index.ts';
import type { PromptFeatures } from './prompt-features.ts';
import type { Scored } from './score.ts';
import type { TaskGuess } from './task/classify.ts';
import type { Panel, Rule } from './tenant-routing.ts';

/** The name under which a request leaves the choice to the router. */
export const AUTO = 'auto';
/** What stands before a panel's name when it is asked for as a model. */
export const PANEL_PREFIX = 'parallax/';

/** Whether a name leaves the choice to the router. */
export function isAuto(name: string): boolean {
  const key = name.trim().toLowerCase();
  return key === AUTO || key === `${PANEL_PREFIX}${AUTO}`;
}

/** Whether a name is a panel's. */
export function isPanelName(name: string): boolean {
  return name.trim().toLowerCase().startsWith(PANEL_PREFIX) && !isAuto(name);
}

/** A request, as far as it is needed to choose its model. */
export interface RouteRequest {
  /** `auto`, or the name of a model: an id, an alias or a bare name; `parallax/<name>` for a panel. */
  readonly model: string;
  /** Explicit fallbacks, in order. */
  readonly models: readonly string[];
  readonly features: PromptFeatures;
  /** What the request asks of a model: `tools` when it offers some, `vision` when it has images, … */
  readonly needs: readonly Capability[];
  readonly inputTokens: number;
  readonly maxOutputTokens: number | null;
  readonly preferences: ProviderPreferences | null;
  /** What the models must be for; chat unless said otherwise. */
  readonly category?: Category;
}

/** Where a request goes. */
export interface Route {
  /** The first choice, then fallbacks in order; never empty. */
  readonly targets: readonly Model[];
  readonly chosenBy: ChosenBy;
  /** Set when several models are to answer together: the request named a panel, or a rule leads to one. Its models are the targets. */
  readonly panel: Panel | null;
  /** What the prompt was told to be; null where the choice did not need it. */
  readonly task: TaskGuess | null;
  readonly ruleId: string | null;
  readonly explanation: RouteExplanation;
}

/** Why a request goes there. */
export interface RouteExplanation {
  /** A sentence for people. */
  readonly reason: string;
  /** How probable it is that the first choice is better than the next; 1 where nothing was weighed. */
  readonly confidence: number;
  /** How the choice was weighed; null where nothing was. */
  readonly chosen: Scored | null;
  /** The next best, best first; at most 5. */
  readonly runnersUp: readonly Scored[];
  readonly rule: Pick<Rule, 'id' | 'name'> | null;
  /** A near-best model was tried in the best one's place. */
  readonly exploration: boolean;
  /** What was passed over on the way, and why. */
  readonly notes: readonly string[];
}

/** The explanation of a route that needed no weighing. */
export function plainly(reason: string, notes: readonly string[] = []): RouteExplanation {
  return {
    reason,
    confidence: 1,
    chosen: null,
    runnersUp: [],
    rule: null,
    exploration: false,
    notes,
  };
}
