import type { ConversationRequest, Dropped, WireFormat } from './conversation.ts';

/** Neutral parameters that change what an answer is: one that a target cannot do is a reason not to ask it. */
const WEIGHTY = new Set([
  'choices',
  'logprobs',
  'output',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'stop',
  'seed',
  'topK',
  'temperature',
  'topP',
  'presencePenalty',
  'frequencyPenalty',
]);

/** The same of parameters that have no neutral form, by the format's own names. */
const WEIGHTY_EXTRAS = new Set([
  'tools',
  'tool_choice',
  'response_format',
  'logit_bias',
  'modalities',
  'audio',
  'web_search_options',
  'background',
  'conversation',
  'previous_response_id',
  'prompt',
  'container',
  'mcp_servers',
]);

/** What clients call the neutral parameters, where it is not the same word in snake case. */
const CLIENT_NAMES: Partial<Readonly<Record<WireFormat, Readonly<Record<string, string>>>>> = {
  'openai-chat': { choices: 'n', output: 'response_format', maxTokens: 'max_completion_tokens' },
  'openai-responses': { output: 'text.format', maxTokens: 'max_output_tokens', logprobs: 'top_logprobs' },
  'anthropic-messages': { stop: 'stop_sequences', output: 'output_config.format' },
};

/** The first thing that a target cannot say and that matters to the answer; undefined when all that was dropped is only advice. */
export function weightyLoss(request: ConversationRequest, dropped: readonly Dropped[]): Dropped | undefined {
  return dropped.find((loss) => isWeighty(request, loss));
}

function isWeighty(request: ConversationRequest, { path, reason }: Dropped): boolean {
  if (WEIGHTY.has(path)) return reason !== 'the request has no tools';
  if (path.startsWith('extra.')) return WEIGHTY_EXTRAS.has(path.slice('extra.'.length));
  return isMedia(request, path);
}

/** Whether a path of a message's part, or of a piece of a tool's result, leads to an image, a file or a sound. */
function isMedia(request: ConversationRequest, path: string): boolean {
  const match = /^messages\[(\d+)\]\.parts\[(\d+)\](?:\.content\[(\d+)\])?$/.exec(path);
  if (match === null) return false;
  const part = request.messages[Number(match[1])]?.parts[Number(match[2])];
  const piece =
    match[3] === undefined ? part : part?.type === 'tool_result' ? part.content[Number(match[3])] : undefined;
  return piece !== undefined && ['image', 'audio', 'file'].includes(piece.type);
}

/** A neutral path in the client's words: `choices` → `n`, `extra.logit_bias` → `logit_bias`. */
export function clientParam(format: WireFormat, path: string): string {
  const plain = path.startsWith('extra.') ? path.slice('extra.'.length) : path;
  const head = /^[A-Za-z]+/.exec(plain)?.[0] ?? plain;
  const name =
    CLIENT_NAMES[format]?.[head] ?? head.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return name + plain.slice(head.length).replace('.parts[', '.content[');
}
