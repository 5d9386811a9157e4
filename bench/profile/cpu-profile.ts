import type { SourceMap } from 'node:module';
import { table } from '../gateway/table.ts';

/** What `Profiler.stop` gives, as far as it is read here. https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** The same profile with the functions' places in the source instead of in the bundle. */
export function withSources(profile: CpuProfile, map: SourceMap): CpuProfile {
  return {
    ...profile,
    nodes: profile.nodes.map((node) => ({ ...node, callFrame: sourceOf(node.callFrame, map) })),
  };
}

function sourceOf(frame: CallFrame, map: SourceMap): CallFrame {
  if (frame.lineNumber < 0 || !frame.url.endsWith('worker.js')) return frame;
  const entry = map.findEntry(frame.lineNumber, frame.columnNumber);
  if (!('originalSource' in entry)) return frame;
  return {
    functionName: nameOf(entry) ?? frame.functionName,
    url: entry.originalSource.replace(/^(?:\.\.\/)+/, '').replace(/^.*\/node_modules\//, 'node_modules/'),
    lineNumber: entry.originalLine,
    columnNumber: entry.originalColumn,
  };
}

/** The name before it was minified, where the map has it; Node's types do not say so. */
function nameOf(entry: object): string | undefined {
  return 'name' in entry && typeof entry.name === 'string' ? entry.name : undefined;
}

/** The functions that most samples were in, as a table. Time outside JavaScript is V8's `(program)`; waiting is `(idle)`. */
export function hottest(profile: CpuProfile, most: number): string {
  const self = new Map<number, number>();
  profile.samples.forEach((id, index) => {
    self.set(id, (self.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  const byPlace = new Map<string, number>();
  for (const { id, callFrame } of profile.nodes) {
    if (callFrame.functionName === '(idle)') continue;
    const place = placeOf(callFrame);
    byPlace.set(place, (byPlace.get(place) ?? 0) + (self.get(id) ?? 0));
  }
  const total = [...byPlace.values()].reduce((sum, micros) => sum + micros, 0);
  const rows = [...byPlace].sort(([, a], [, b]) => b - a).slice(0, most);
  return table(
    ['function', 'self', 'of all that was not idle'],
    rows.map(([place, micros]) => [
      place,
      `${(micros / 1000).toFixed(1)} ms`,
      `${((micros / total) * 100).toFixed(1)} %`,
    ]),
  );
}

function placeOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${url}:${lineNumber + 1}`;
}
