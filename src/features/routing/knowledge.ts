import type { Task } from '../../contracts/routing.ts';
import type { Model } from '../catalog/index.ts';
import { figuresOf, type LearnedFigures, type ModelFigures } from './figures.ts';
import { qualityTable } from './quality.ts';

/** Models whose figures are kept. There are fewer, but a dated name makes a model of its own. */
const MAX_KNOWN = 5_000;

/** What is known of models when one is to be chosen. */
export interface Knowledge {
  figures(model: Model): ModelFigures;
  /** Expected quality, 0 to 1. */
  quality(model: Model, task: Task): number;
}

/**
 * Knowledge of a catalog's models by what was learned so far. Figures are worked out for a model when first asked and kept: between two refreshes
 * of what was learned they do not change. `candidates` says which versions of a family there are.
 */
export function knowledgeOf(candidates: readonly Model[], learned: LearnedFigures): Knowledge {
  const table = qualityTable(candidates);
  const known = new Map<string, ModelFigures>();
  return {
    figures(model) {
      let figures = known.get(model.id);
      if (figures === undefined) {
        figures = figuresOf(model, learned.get(model.id));
        if (known.size >= MAX_KNOWN) known.clear();
        known.set(model.id, figures);
      }
      return figures;
    },
    quality: table.of,
  };
}
