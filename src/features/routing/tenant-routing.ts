import {
  DEFAULT_EXPLORATION,
  DEFAULT_WEIGHTS,
  type PanelRequest,
  type RuleConditions,
  type RuleTarget,
} from '../../contracts/routing.ts';
import type { Weights } from './score.ts';

/** A rule as requests are held against it. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** Lowest first. */
  readonly priority: number;
  readonly conditions: RuleConditions;
  readonly target: RuleTarget;
  readonly fallbacks: readonly string[];
}

/** Several models that answer together, under a name. */
export interface Panel {
  readonly name: string;
  readonly models: PanelRequest['models'];
  readonly strategy: PanelRequest['strategy'];
  readonly mergeModel: string | null;
  readonly rounds: number | null;
  readonly quorum: number | null;
  readonly stragglerGraceMs: number | null;
}

/** What a tenant has set. */
export interface TenantRouting {
  /** In the order in which they are looked at. */
  readonly rules: readonly Rule[];
  readonly panels: readonly Panel[];
  readonly exploration: number;
  readonly weights: Weights;
  /** False when the database could not be asked: what a tenant has set may be more than this. */
  readonly read: boolean;
}

/** What holds for a tenant that has set nothing. */
export const NOTHING_SET: TenantRouting = {
  rules: [],
  panels: [],
  exploration: DEFAULT_EXPLORATION,
  weights: DEFAULT_WEIGHTS,
  read: true,
};

/** Most rules and panels that a tenant may have. */
export const MAX_RULES = 100;
export const MAX_PANELS = 50;
