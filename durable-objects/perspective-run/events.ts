import type { RunEvent } from '../../src/contracts/perspectives.ts';
import { perspectiveView, runView, type StoredRun } from '../../src/features/perspectives/index.ts';
import { formatSse } from '../../src/platform/sse.ts';
import type { EventRow } from './storage.ts';

/** Writes a run's events for those who watch it. `load` gives the run as it is: once for all events that are written together, and only when one needs it. */
export function eventRenderer(load: () => StoredRun): (rows: readonly EventRow[]) => string {
  const models = load().plan.perspectives.map((perspective) => perspective.modelId);
  return (rows) => {
    let run: StoredRun | undefined;
    const once = () => (run ??= load());
    return rows.map((row) => eventText(row, models, once)).join('');
  };
}

/** An event row as the SSE text that clients read. */
function eventText(row: EventRow, models: readonly string[], load: () => StoredRun): string {
  return formatSse({ id: String(row.id), event: row.type, data: JSON.stringify(eventOf(row, models, load)) });
}

/**
 * Events as a chat client's answer needs them: that a model has answered, so that the run will not fail altogether, the merged text as it is
 * written, and that the run has finished. Empty for everything else.
 */
export function answerText(rows: readonly EventRow[]): string {
  return rows.map(answerEventText).join('');
}

function answerEventText({ id, type, text }: EventRow): string {
  switch (type) {
    case 'merge.delta':
      return formatSse({ id: String(id), event: type, data: JSON.stringify(text) });
    case 'perspective.completed':
    case 'run.completed':
      return formatSse({ id: String(id), event: type, data: '' });
    default:
      return '';
  }
}

function eventOf(row: EventRow, models: readonly string[], load: () => StoredRun): RunEvent {
  switch (row.type) {
    case 'perspective.delta':
      return {
        type: row.type,
        index: row.position ?? 0,
        model: models[row.position ?? 0] ?? '',
        delta: row.text,
      };
    case 'merge.delta':
      return { type: row.type, delta: row.text };
    case 'run.started':
      // As it was then: a client that reads from the start sees the run grow, not its end twice.
      return {
        type: row.type,
        run: runView({
          ...load(),
          status: 'running',
          completedAt: null,
          perspectives: [],
          merge: null,
          decision: null,
          receipt: [],
        }),
      };
    case 'perspective.completed':
    case 'perspective.failed': {
      const run = load();
      const index = row.position ?? 0;
      const planned = run.plan.perspectives[index];
      if (planned === undefined)
        throw new Error(`event ${row.id} speaks of perspective ${index}, which the run does not have`);
      return { type: row.type, index, perspective: perspectiveView(planned, run.perspectives[index]) };
    }
    case 'merge.completed': {
      const { merge } = load();
      if (merge === null) throw new Error(`event ${row.id} speaks of a merge, which the run does not have`);
      return { type: row.type, merge };
    }
    case 'run.completed':
      return { type: row.type, run: runView(load()) };
  }
}
