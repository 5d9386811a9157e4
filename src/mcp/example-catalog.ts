import type { Catalog, Model } from '../features/catalog/index.ts';
import { ParallaxError } from '../platform/errors.ts';
import { pricePerMillion } from '../platform/money.ts';

const exampleModel = (id: string, more: Partial<Model> = {}): Model => ({
  id,
  provider: id.split('/')[0] ?? '',
  upstreamName: id.split('/')[1] ?? '',
  name: id,
  description: null,
  tier: 'normal',
  category: 'chat',
  capabilities: ['streaming'],
  contextWindow: 128_000,
  maxOutputTokens: 8192,
  prices: { input: pricePerMillion(2.5), output: pricePerMillion(10) },
  deprecated: false,
  hidden: false,
  aliases: [],
  created: 0,
  ...more,
});

const EXAMPLE_MODELS: readonly Model[] = [
  exampleModel('local/swift', { tier: 'eco', aliases: ['fast'] }),
  exampleModel('local/sage', { tier: 'premium', aliases: ['best'] }),
  exampleModel('local/scribe'),
  exampleModel('local/silent', { hidden: true }),
  exampleModel('local/embed', { category: 'embedding' }),
  exampleModel('anthropic/claude-opus-5', {
    tier: 'premium',
    capabilities: ['tools', 'vision'],
    contextWindow: 200_000,
  }),
];

/** A small catalog, for tests: the models of the local server, and one whose provider has no key. */
export function exampleCatalog(): Catalog {
  const find = (name: string) =>
    EXAMPLE_MODELS.find((model) => model.id === name || model.aliases.includes(name));
  const require = (name: string) => {
    const model = find(name);
    if (model === undefined)
      throw new ParallaxError('model_not_found', `There is no model ${name}. Did you mean local/swift?`);
    return model;
  };
  const trio = () => EXAMPLE_MODELS.slice(0, 3);
  return {
    all: () => EXAMPLE_MODELS,
    find,
    require,
    nearest: () => ['local/swift'],
    isAlias: (name) => EXAMPLE_MODELS.some((model) => model.aliases.includes(name)),
    isAvailable: (model) => model.provider === 'local',
    candidates: trio,
    offers: (name) =>
      [find(name)].filter((model) => model !== undefined && model.provider === 'local') as Model[],
    target: (model) => {
      throw new Error(`nothing calls ${model.id} here`);
    },
    defaultTrio: () => [...trio()],
    mergeModel: () => require('best'),
  };
}
