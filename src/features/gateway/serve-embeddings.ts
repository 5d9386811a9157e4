import type { AppContext } from '../../platform/http/context.ts';
import { readJson } from '../../platform/http/read-json.ts';
import {
  decodeEmbeddingRequest,
  encodeEmbeddingResponse,
  forwardEmbeddings,
  type JsonObject,
  NO_USAGE,
} from '../providers/index.ts';
import { answerHeaders } from './answer-headers.ts';
import { choiceOf, chooseRoute } from './choose.ts';
import { MAX_BODY_BYTES, modelsIn, withoutGatewayMembers } from './client-call.ts';
import { modelsOf } from './models-of.ts';
import { routedConversation } from './prompt-features.ts';
import { requestTokens } from './request-size.ts';
import { admissionOf, askModels, droppedHeader, serveToEnd, servingOf } from './serving.ts';
import { CHAT } from './surface.ts';

/** There is nothing to tell a task from. */
const NO_CONVERSATION = routedConversation({ model: '', messages: [], stream: false }, 0);

/** Answers a request for embeddings. */
export function serveEmbeddings(c: AppContext): Promise<Response> {
  return serveToEnd(c, answer(c));
}

async function answer(c: AppContext): Promise<Response> {
  const admission = admissionOf(c);
  try {
    const whole = await readJson(c.req.raw, MAX_BODY_BYTES);
    const names = modelsIn(whole);
    const body = withoutGatewayMembers(whole);
    const { request, encoding } = decodeEmbeddingRequest({ ...body, model: names[0] });
    const reached = await modelsOf(c, admission.principal);
    const inputTokens = requestTokens(body.input);
    const [model = '', ...models] = names;
    const route = await chooseRoute(c, reached.catalog, admission.principal, {
      model,
      models,
      provider: (whole as JsonObject).provider,
      category: 'embedding',
      inputTokens,
      maxTokens: null,
      conversation: () => NO_CONVERSATION,
    });
    const choice = choiceOf(route);
    const served = { feature: 'embeddings', stream: false, inputTokens, maxTokens: 0 } as const;
    const serving = servingOf(c, reached, choice, served, admission.principal);
    const { model: _, ...asked } = request;
    const answered = await askModels(serving, (context, target, options) =>
      forwardEmbeddings(context, target, asked, options),
    );
    const { response, target } = answered;
    // A server that counts nothing has worked all the same.
    const estimated = response.inputTokens === 0;
    const usage = { ...NO_USAGE, inputTokens: estimated ? inputTokens : response.inputTokens };
    const { record } = serving;
    const cost = record.cost(target, usage);
    record.end(answered, { status: 'ok', errorKind: null, usage, estimated, firstTokenMs: null });
    c.set('sealed', true);
    return new Response(
      JSON.stringify(encodeEmbeddingResponse(response, { model: target.modelId, encoding })),
      {
        headers: answerHeaders({
          surface: CHAT,
          requestId: c.get('requestId'),
          rate: admission.rate,
          tokens: admission.tokens,
          contentType: 'application/json',
          target,
          cost,
          more: { ...choice.headers, ...droppedHeader(answered) },
        }),
      },
    );
  } finally {
    admission.release();
  }
}
