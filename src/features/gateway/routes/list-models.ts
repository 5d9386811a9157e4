import { z } from 'zod';
import {
  anthropicModelListSchema,
  modelListQuerySchema,
  modelListSchema,
} from '../../../contracts/models.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listModels } from '../../catalog/index.ts';
import { answeringModels } from '../answering-models.ts';
import { anthropicView, speaksAnthropic } from '../anthropic-view.ts';
import { modelsOf } from '../models-of.ts';

export const listModelsOperation = operation({
  operationId: 'listModels',
  method: 'get',
  path: '/v1/models',
  tag: 'Models',
  summary: 'List models',
  description:
    'The models, by id, with OpenAI’s members and ours. Without `available` the list has the models that this deployment can use; naming a `provider` lists all it has, and `available=false` those that a provider key would add. `parallax/…` are those that Parallax answers as itself: `parallax/auto` chooses a model, the others ask several at once, your own panels among them. `GET /v1/providers` says which setting is missing. With the header `anthropic-version` the list is as Anthropic’s API has it.',
  access: { kind: 'principal', permission: 'models:read' },
  errorShape: 'openai',
  query: modelListQuerySchema,
  responses: {
    200: { description: 'A page of models.', schema: z.union([modelListSchema, anthropicModelListSchema]) },
  },
  async handler({ c, query, principal }) {
    const { limit, cursor, after_id: after, ...filter } = query;
    const { catalog } = await modelsOf(c, principal);
    const { data, nextCursor } = listModels(
      catalog,
      filter,
      limit,
      cursor ?? after,
      await answeringModels(c, catalog, principal),
    );
    if (speaksAnthropic(c.req.raw.headers)) {
      return c.json({
        data: data.map(anthropicView),
        has_more: nextCursor !== null,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      });
    }
    return c.json({ object: 'list', data, has_more: nextCursor !== null, next_cursor: nextCursor });
  },
});
