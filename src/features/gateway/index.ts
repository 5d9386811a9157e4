/** The gateway: every model behind OpenAI's and Anthropic's shapes. */
import type { Operation } from '../../platform/http/operation.ts';
import { createChatCompletion } from './routes/chat-completions.ts';
import { countMessageTokens } from './routes/count-tokens.ts';
import { createEmbeddings } from './routes/embeddings.ts';
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
];
