import { describe, expect, it } from 'vitest';
import { withMaxTokens } from './bounded-request.ts';
import type { ClientRequest } from './client-request.ts';
import type { JsonObject, WireFormat } from './conversation.ts';

const request = (format: WireFormat, body: JsonObject): ClientRequest => ({
  format,
  body,
  headers: {},
  lenient: false,
  neutral: () => ({ request: { model: 'a', messages: [], stream: false, maxTokens: 9 }, dropped: [] }),
});
const bounded = (format: WireFormat, body: JsonObject) =>
  withMaxTokens(request(format, body), 100) as ClientRequest;

describe('a request with another bound', () => {
  it('says it in its format’s word, once', () => {
    expect(bounded('openai-chat', { max_tokens: 5, a: 1 }).body).toEqual({
      a: 1,
      max_completion_tokens: 100,
    });
    expect(bounded('openai-responses', { max_output_tokens: 500 }).body).toEqual({ max_output_tokens: 100 });
    expect(bounded('anthropic-messages', { max_tokens: 500 }).body).toEqual({ max_tokens: 100 });
  });

  it('says it in neutral form too', () => {
    expect(bounded('openai-chat', {}).neutral().request.maxTokens).toBe(100);
    expect(withMaxTokens({ messages: [], maxTokens: 9 }, 100)).toEqual({ messages: [], maxTokens: 100 });
  });

  it('is refused where it leaves no room for an answer beside the thinking', () => {
    const thinking = { type: 'enabled', budget_tokens: 1_024 };
    expect(() => bounded('anthropic-messages', { max_tokens: 5_000, thinking })).toThrow(
      expect.objectContaining({ code: 'insufficient_credit', param: 'thinking.budget_tokens' }),
    );
  });
});
