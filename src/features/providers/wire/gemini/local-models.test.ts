import { describe } from 'vitest';
import { talkToLocalModels } from '../against-local-models.ts';
import { geminiCodec } from './index.ts';

describe('the Gemini codec and the local models', () => {
  talkToLocalModels(geminiCodec, { base: '/v1beta', headers: { 'x-goog-api-key': 'local' } });
});
