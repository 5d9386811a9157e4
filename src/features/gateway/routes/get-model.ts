import { z } from 'zod';
import { anthropicModelSchema, modelSchema } from '../../../contracts/models.ts';
import { operation } from '../../../platform/http/operation.ts';
import { modelView } from '../../catalog/index.ts';
import { PANEL_PREFIX } from '../../routing/index.ts';
import { answeringModels } from '../answering-models.ts';
import { anthropicView, speaksAnthropic } from '../anthropic-view.ts';
import { modelsOf } from '../models-of.ts';

export const getModelOperation = operation({
  operationId: 'getModel',
  method: 'get',
  path: '/v1/models/{id+}',
  tag: 'Models',
  summary: 'Look up a model',
  description:
    'By id (`provider/name`), by an alias (`best`, `fast`, `cheap`, or the operator’s own), or by a bare name: the answer’s `id` says which model it is. An unknown name is a 404 with the nearest names. With the header `anthropic-version` the model is as Anthropic’s API has it.',
  access: { kind: 'principal', permission: 'models:read' },
  errorShape: 'openai',
  params: z.object({ id: z.string().min(1).max(200).meta({ example: 'anthropic/claude-opus-5' }) }),
  responses: { 200: { description: 'The model.', schema: z.union([modelSchema, anthropicModelSchema]) } },
  errors: [404, 422],
  async handler({ c, params, principal }) {
    const { catalog } = await modelsOf(c, principal);
    const name = params.id.trim().toLowerCase();
    const own = name.startsWith(PANEL_PREFIX) ? await answeringModels(c, catalog, principal) : [];
    const model = own.find(({ id }) => id === name) ?? catalog.require(params.id);
    const view = 'object' in model ? model : modelView(model, catalog.isAvailable(model));
    return c.json(speaksAnthropic(c.req.raw.headers) ? anthropicView(view) : view);
  },
});
