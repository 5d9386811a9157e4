/** Whether and which tools a stand-in calls. */
import type { Ask, ToolDefinition } from './ask.ts';
import type { Brief } from './prose/brief.ts';
import { properNames, stem, stems, words } from './reading/words.ts';
import { nameWords } from './schema/place.ts';
import { isObject, schemaMap } from './schema/schema.ts';

const MOST_CALLS = 4;

/** A tool that is to be called, and the how-manieth call of it this is. */
export interface PlannedCall {
  tool: ToolDefinition;
  turn: number;
}

/** How well a tool fits a question: 0 not at all. Its name counts most, then the words of its description. */
function fitness(tool: ToolDefinition, brief: Brief): number {
  const asked = new Set(words(brief.instruction).map(stem));
  const named = nameWords(tool.name).filter((word) => word.length > 3 || asked.has(word));
  const fromName = named.filter(
    (word) =>
      asked.has(stem(word)) && !/^(?:get|set|the|find|make|tool|call|list|search|create|fetch)$/.test(word),
  ).length;
  let fromDescription = 0;
  for (const word of stems(tool.description)) if (asked.has(word)) fromDescription++;
  const spelled = brief.instruction.toLowerCase().includes(tool.name.toLowerCase());
  return spelled ? 100 : fromName * 2 + (fromDescription > 1 ? fromDescription : 0);
}

/** As many calls of one tool as the question names places or people for its one name-like argument. */
function callsOf(tool: ToolDefinition, brief: Brief, parallel: boolean): PlannedCall[] {
  const properties = schemaMap(isObject(tool.schema) ? tool.schema.properties : undefined).map(([name]) =>
    nameWords(name),
  );
  const takesName = properties.some((name) =>
    name.some((word) => /^(?:city|location|place|country|person|company|town|name)$/.test(word)),
  );
  const count =
    takesName && parallel ? Math.max(1, Math.min(MOST_CALLS, properNames(brief.question).length)) : 1;
  return Array.from({ length: count }, (_unused, turn) => ({ tool, turn }));
}

/**
 * The calls for a request. With choice `auto` a tool is called when the question names it or shares words with it, and
 * never again once results have come; with `required` the best fitting one is; with a named choice that one.
 */
export function plannedCalls(ask: Ask, brief: Brief): PlannedCall[] {
  const choice = ask.toolChoice;
  if (ask.tools.length === 0 || choice.kind === 'none') return [];
  if (choice.kind === 'named') {
    const tool = ask.tools.find((each) => each.name === choice.name);
    return tool === undefined ? [] : [{ tool, turn: 0 }];
  }
  if (choice.kind === 'auto' && brief.results.length > 0) return [];
  const fits = ask.tools.map((tool) => ({ tool, fitness: fitness(tool, brief) }));
  const best = [...fits].sort((a, b) => b.fitness - a.fitness)[0];
  const matching = fits.filter((each) => each.fitness > 0).map((each) => each.tool);
  const wanted =
    matching.length === 0 && choice.kind === 'required' && best !== undefined ? [best.tool] : matching;
  const calls = wanted.flatMap((tool) => callsOf(tool, brief, ask.parallelCalls));
  return calls.slice(0, ask.parallelCalls ? MOST_CALLS : 1);
}
