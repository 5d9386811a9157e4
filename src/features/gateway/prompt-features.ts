import type { Capability } from '../../contracts/models.ts';
import type { ConversationRequest, Message } from '../providers/index.ts';
import type { PromptFeatures } from '../routing/index.ts';

/** What the router looks at of a conversation, and what it asks of a model. */
export interface RoutedConversation {
  readonly features: PromptFeatures;
  readonly needs: readonly Capability[];
}

/** Reads a conversation as the router does. `inputTokens` is the estimate for all of it. Pure. */
export function routedConversation(request: ConversationRequest, inputTokens: number): RoutedConversation {
  const { messages, tools = [], output } = request;
  const media = new Set<string>();
  let systemLength = 0;
  let turns = 0;
  let text = '';
  for (const message of messages) {
    if (message.role === 'system') {
      systemLength += textOf(message).length;
      continue;
    }
    turns += 1;
    if (message.role !== 'user') continue;
    text = textOf(message);
    for (const { type } of message.parts) media.add(type);
  }
  const features: PromptFeatures = {
    text,
    systemLength,
    inputTokens,
    hasImages: media.has('image'),
    hasAudio: media.has('audio'),
    hasFiles: media.has('file'),
    tools: tools.length,
    wantsJson: output !== undefined,
    turns: Math.max(1, turns),
  };
  const needs: Capability[] = [];
  if (features.tools > 0) needs.push('tools');
  if (output?.kind === 'json_schema') needs.push('structured_output');
  if (features.hasImages) needs.push('vision');
  if (features.hasAudio) needs.push('audio_input');
  if (features.hasFiles) needs.push('files');
  return { features, needs };
}

function textOf({ parts }: Message): string {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === 1 ? (texts[0] ?? '') : texts.join('\n');
}
