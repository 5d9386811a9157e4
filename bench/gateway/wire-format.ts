/** The three wire formats that are measured. */
export type WireFormat = 'openai-chat' | 'openai-responses' | 'anthropic-messages';

/** Where each is asked for: the same path at the upstream, at this gateway and at its peers. */
export const PATHS: Readonly<Record<WireFormat, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};
