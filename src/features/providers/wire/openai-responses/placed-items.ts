import type { JsonObject } from '../../conversation.ts';
import { isObject } from '../fields.ts';

/**
 * Input items without a neutral form (`web_search_call`, `item_reference`, …) travel in `extra` under the path they stood at, e.g. `input[3]`, with
 * the number of messages behind them: counted from the end, because a system message may be put before the others on the way.
 */
export interface PlacedItem {
  readonly item: JsonObject;
  readonly messagesBehind: number;
}

const PLACE = /^input\[\d+\]$/;

/** Takes the items out of a request's extra parameters. */
export function takePlacedItems(extra: JsonObject): {
  readonly items: PlacedItem[];
  readonly rest: JsonObject;
} {
  const items: PlacedItem[] = [];
  const rest: [string, unknown][] = [];
  for (const [key, value] of Object.entries(extra)) {
    if (
      PLACE.test(key) &&
      isObject(value) &&
      isObject(value.item) &&
      typeof value.messagesBehind === 'number'
    )
      items.push({ item: value.item, messagesBehind: value.messagesBehind });
    else rest.push([key, value]);
  }
  return { items, rest: Object.fromEntries(rest) };
}
