import type { Model } from './model.ts';
import { plainName } from './traits.ts';

/** What a name says of the model behind it: which one, and which version where it says that. */
interface Naming {
  readonly base: string;
  readonly date: string | undefined;
}

const DATE = /-(20\d{2}-?\d{2}-?\d{2})$/;

/** Providers write versions of one model in their own ways: `claude-opus-4-5@20251101`, `anthropic.claude-opus-4-5-20251101-v1:0`. */
function namingOf(upstreamName: string): Naming {
  const plain = plainName(upstreamName)
    .replace('@', '-')
    .replace(/-(?:v\d+|default)$/, '');
  const date = DATE.exec(plain)?.[1]?.replaceAll('-', '');
  return { base: plain.replace(DATE, ''), date };
}

/** Whether two names can mean one model: the same name, and not two different dates. */
function same(a: Naming, b: Naming): boolean {
  return a.base === b.base && (a.date === undefined || b.date === undefined || a.date === b.date);
}

/** Offers under conditions of their own, which nobody gets without naming them: free for a trial, answered within a day. */
export function isSpecialOffer({ upstreamName }: Pick<Model, 'upstreamName'>): boolean {
  return /:(?:free|batch)$/.test(upstreamName);
}

/** Models by the name without their version, for finding who else has one. */
export interface OfferIndex {
  /** Other offers of these models, in the order of the index. */
  othersOf(models: readonly Model[]): Model[];
}

export function offerIndex(models: readonly Model[]): OfferIndex {
  const byBase = new Map<string, { readonly model: Model; readonly naming: Naming }[]>();
  for (const model of models) {
    if (model.hidden || isSpecialOffer(model)) continue;
    const naming = namingOf(model.upstreamName);
    const list = byBase.get(naming.base);
    if (list === undefined) byBase.set(naming.base, [{ model, naming }]);
    else list.push({ model, naming });
  }
  return {
    othersOf(wanted) {
      const known = new Set(wanted.map(({ id }) => id));
      const others: Model[] = [];
      for (const one of wanted) {
        const naming = namingOf(one.upstreamName);
        for (const offer of byBase.get(naming.base) ?? []) {
          const { model } = offer;
          if (known.has(model.id) || model.category !== one.category || !same(naming, offer.naming)) continue;
          known.add(model.id);
          others.push(model);
        }
      }
      return others;
    },
  };
}
