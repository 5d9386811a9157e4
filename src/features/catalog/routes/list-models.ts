import { modelListQuerySchema, modelListSchema } from '../../../contracts/models.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listModels } from '../list.ts';
import { loadCatalog } from '../load.ts';

export const listModelsOperation = operation({
  operationId: 'listModels',
  method: 'get',
  path: '/v1/models',
  tag: 'Models',
  summary: 'List models',
  description:
    'The models, by id, with OpenAI’s members and ours. Without `available` the list has the models that this deployment can use; naming a `provider` lists all it has, and `available=false` those that a provider key would add. `GET /v1/providers` says which setting is missing.',
  access: { kind: 'principal', permission: 'models:read' },
  errorShape: 'openai',
  query: modelListQuerySchema,
  responses: { 200: { description: 'A page of models.', schema: modelListSchema } },
  async handler({ c, query }) {
    const { limit, cursor, ...filter } = query;
    const catalog = await loadCatalog(c.env, c.var.config, c.var.clock);
    const { data, nextCursor } = listModels(catalog, filter, limit, cursor);
    return c.json({ object: 'list', data, has_more: nextCursor !== null, next_cursor: nextCursor });
  },
});
