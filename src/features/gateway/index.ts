/** The gateway: every model behind OpenAI's and Anthropic's shapes. */
import type { Operation } from '../../platform/http/operation.ts';
import { createChatCompletion } from './routes/chat-completions.ts';
import { countMessageTokens } from './routes/count-tokens.ts';
import { createEmbeddings } from './routes/embeddings.ts';
import { getModelOperation } from './routes/get-model.ts';
import { listModelsOperation } from './routes/list-models.ts';
import { createMessage } from './routes/messages.ts';
import { createResponse } from './routes/responses.ts';

export { forgetOldAnswers } from './idempotent-answers.ts';
export { answerMeterRequest } from './stream-meter.ts';

export const gatewayOperations: readonly Operation[] = [
  createChatCompletion,
  createResponse,
  createMessage,
  countMessageTokens,
  createEmbeddings,
  listModelsOperation,
  getModelOperation,
];
