import type { ConversationRequest, Dropped, JsonObject, WireFormat } from './conversation.ts';
import { RESULT_MEDIA_MOVED } from './wire/index.ts';

/**
 * Neutral parameters that change what an answer is: one that a target cannot do is a reason not to ask it. How freely words are drawn
 * (`temperature`, `top_p`, penalties) is advice: clients send it always, and the newest models take none of it.
 */
const WEIGHTY = new Set([
  'choices',
  'logprobs',
  'output',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'stop',
  'seed',
]);

/** The same of parameters that have no neutral form, by the format's own names. */
const WEIGHTY_EXTRAS = new Set([
  'tool_choice',
  'response_format',
  'logit_bias',
  'modalities',
  'audio',
  'web_search_options',
  'background',
  'container',
  'mcp_servers',
]);

/** Where the conversation, or a part of it, lies at another provider: without it the answer would be to something else. */
const STATE_ELSEWHERE = new Set(['previous_response_id', 'conversation', 'prompt', 'thread']);

/** Items that tell what a provider's own tools did: what came of it is said in the answer behind them. */
const TOLD_BY_THE_ANSWER = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_list_tools',
  'mcp_call',
]);

/** What clients call the neutral parameters, where it is not the same word in snake case. */
const CLIENT_NAMES: Partial<Readonly<Record<WireFormat, Readonly<Record<string, string>>>>> = {
  'openai-chat': { choices: 'n', output: 'response_format', maxTokens: 'max_completion_tokens' },
  'openai-responses': { output: 'text.format', maxTokens: 'max_output_tokens', logprobs: 'top_logprobs' },
  'anthropic-messages': { stop: 'stop_sequences', output: 'output_config.format' },
};

/**
 * The first thing that a target cannot say and that matters to the answer; undefined when all that was dropped is only advice. What a lenient client
 * lets be left out is never a part of the conversation.
 */
export function weightyLoss(
  request: ConversationRequest,
  dropped: readonly Dropped[],
  lenient = false,
): Dropped | undefined {
  return dropped.find((loss) => isMissingTurn(request, loss) || (!lenient && isWeighty(request, loss)));
}

/** The first part of the conversation that only a provider of the client's own format has; undefined when all of it is in the request. */
export function missingTurn(request: ConversationRequest): Dropped | undefined {
  const kept = Object.keys(request.extra ?? {}).map((name) => ({
    path: `extra.${name}`,
    reason: 'it stands for what a single provider keeps; send the whole conversation with the request',
  }));
  return kept.find((loss) => isMissingTurn(request, loss));
}

/** Whether a loss leaves the model without a part of what it is to answer. */
export function isMissingTurn({ extra = {} }: ConversationRequest, { path }: Dropped): boolean {
  if (!path.startsWith('extra.')) return false;
  const name = path.slice('extra.'.length);
  const value = extra[name];
  // Who begins a thread sends all of it.
  if (name === 'thread') return (value as JsonObject | undefined)?.type !== 'create';
  if (STATE_ELSEWHERE.has(name)) return true;
  const item = name.startsWith('input[')
    ? (value as { readonly item?: JsonObject } | undefined)?.item
    : undefined;
  return item !== undefined && !TOLD_BY_THE_ANSWER.has(String(item.type));
}

function isWeighty(request: ConversationRequest, { path, reason }: Dropped): boolean {
  if (WEIGHTY.has(path)) return reason !== 'the request has no tools';
  // A provider's own tools are an offer where there are functions besides, and the whole point where there are none.
  if (path === 'extra.tools') return (request.tools ?? []).length === 0;
  if (path.startsWith('extra.')) return WEIGHTY_EXTRAS.has(path.slice('extra.'.length));
  return reason !== RESULT_MEDIA_MOVED && isMedia(request, path);
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
