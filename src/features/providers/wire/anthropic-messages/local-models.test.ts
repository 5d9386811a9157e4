import { describe } from 'vitest';
import { talkToLocalModels } from '../against-local-models.ts';
import { anthropicMessagesCodec } from './index.ts';

describe('the Anthropic codec and the local models', () => {
  talkToLocalModels(anthropicMessagesCodec, {
    base: '/v1',
    headers: { 'x-api-key': 'local', 'anthropic-version': '2023-06-01' },
  });
});
