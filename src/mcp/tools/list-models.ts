import { z } from 'zod';
import { capabilitySchema, categorySchema, tierSchema } from '../../contracts/models.ts';
import { listModels as modelsOf } from '../../features/catalog/index.ts';
import { jsonTokens } from '../digest/budget.ts';
import { DIGEST_TOKENS } from '../digest/run-digest.ts';
import { inOrder, modelCard, modelCardSchema, modelLine } from '../model-card.ts';
import { MODELS_URI } from '../resources/uris.ts';
import { tool } from '../tool.ts';
import { FIELD_WORDS, modelsLeftOut, NO_MODELS, TOOL_WORDS } from '../wording.ts';

const input = z.strictObject({
  query: z.string().max(100).optional().describe(FIELD_WORDS.modelQuery),
  provider: z.string().max(100).optional(),
  tier: tierSchema.optional().meta({ description: undefined }),
  category: categorySchema.default('chat'),
  capability: capabilitySchema.optional(),
  include_unavailable: z.boolean().default(false).describe(FIELD_WORDS.unavailable),
  limit: z.int().min(1).max(50).default(25),
});

export const listModels = tool({
  name: 'list_models',
  ...TOOL_WORDS.list_models,
  permission: 'models:read',
  annotations: { readOnlyHint: true, openWorldHint: false },
  input,
  output: z.object({ models: z.array(modelCardSchema), total: z.int() }),
  async run({ query, include_unavailable, limit, ...filter }, { catalog: load }) {
    const catalog = await load();
    const list = (available: boolean | undefined) =>
      modelsOf(catalog, { ...filter, q: query, available }, Number.MAX_SAFE_INTEGER).data;
    const matching = include_unavailable ? [...list(true), ...list(false)] : list(undefined);
    const cards = inOrder(matching.map(modelCard)).slice(0, limit);
    while (jsonTokens(cards) > DIGEST_TOKENS) cards.pop();
    const lines = cards.map(modelLine);
    if (cards.length === 0) lines.push(NO_MODELS);
    else if (cards.length < matching.length) lines.push(modelsLeftOut(matching.length - cards.length));
    return {
      kind: 'answer',
      structured: { models: cards, total: matching.length },
      text: lines.join('\n'),
      links: [
        {
          uri: MODELS_URI,
          name: 'models',
          description: 'Every model of the catalog.',
          mimeType: 'application/json',
        },
      ],
    };
  },
});
