import { describe, expect, it } from 'vitest';
import {
  type ConversationRequest,
  type Message,
  type ToolCallPart,
  WIRE_FORMATS,
  type WireFormat,
} from '../conversation.ts';
import { codecFor } from './index.ts';

/** What a person would want to know is lost when a conversation moves to another format: by hand, beside the property tests. */

const question: Message = { role: 'user', parts: [{ type: 'text', text: 'Well?' }] };
const call: ToolCallPart = { type: 'tool_call', id: 'call_1', name: 'look', arguments: '{}' };
const png = { kind: 'base64', mediaType: 'image/png', data: 'AA==' } as const;

function withMessages(...messages: Message[]): Partial<ConversationRequest> {
  return { messages: [question, ...messages] };
}

type Losses = Readonly<Record<WireFormat, readonly string[]>>;

const CASES: readonly (readonly [what: string, request: Partial<ConversationRequest>, losses: Losses])[] = [
  [
    'that a tool failed',
    withMessages(
      { role: 'assistant', parts: [call] },
      {
        role: 'tool',
        parts: [
          { type: 'tool_result', callId: 'call_1', content: [{ type: 'text', text: 'no' }], isError: true },
        ],
      },
    ),
    {
      'openai-chat': ['messages[2].parts[0].isError'],
      'openai-responses': ['messages[2].parts[0].isError'],
      'anthropic-messages': [],
      gemini: [],
    },
  ],
  [
    'an image that a tool gave',
    withMessages(
      { role: 'assistant', parts: [call] },
      {
        role: 'tool',
        parts: [{ type: 'tool_result', callId: 'call_1', content: [{ type: 'image', source: png }] }],
      },
    ),
    {
      'openai-chat': ['messages[2].parts[0].content[0]'],
      'openai-responses': [],
      'anthropic-messages': [],
      gemini: [],
    },
  ],
  [
    'the place of a system message before a user’s turn',
    withMessages(
      { role: 'assistant', parts: [{ type: 'text', text: 'Yes.' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      question,
    ),
    {
      'openai-chat': [],
      'openai-responses': [],
      'anthropic-messages': ['messages[2].role'],
      gemini: ['messages[2].role'],
    },
  ],
  [
    'the state of a call',
    withMessages({ role: 'assistant', parts: [{ ...call, signature: 'c2ln' }] }),
    {
      'openai-chat': ['messages[1].parts[0].signature'],
      'openai-responses': ['messages[1].parts[0].signature'],
      'anthropic-messages': ['messages[1].parts[0].signature'],
      gemini: [],
    },
  ],
  [
    'a signed thought',
    withMessages({ role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm.', signature: 'c2ln' }, call] }),
    {
      'openai-chat': ['messages[1].parts[0]'],
      'openai-responses': ['messages[1].parts[0]'],
      'anthropic-messages': [],
      gemini: [],
    },
  ],
  [
    'that words were a refusal',
    withMessages({ role: 'assistant', parts: [{ type: 'refusal', text: 'No.' }] }),
    {
      'openai-chat': [],
      'openai-responses': [],
      'anthropic-messages': ['messages[1].parts[0].type'],
      gemini: ['messages[1].parts[0].type'],
    },
  ],
  [
    'sound',
    withMessages({
      role: 'user',
      parts: [{ type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA==' } }],
    }),
    { 'openai-chat': [], 'openai-responses': [], 'anthropic-messages': ['messages[1].parts[0]'], gemini: [] },
  ],
  [
    'a document by its address',
    withMessages({
      role: 'user',
      parts: [{ type: 'file', source: { kind: 'url', url: 'https://a.example/a.pdf' }, name: 'a.pdf' }],
    }),
    { 'openai-chat': ['messages[1].parts[0]'], 'openai-responses': [], 'anthropic-messages': [], gemini: [] },
  ],
  [
    'sampling',
    { topK: 3, seed: 1, presencePenalty: 1, logprobs: 2, choices: 2, stop: ['END'] },
    {
      'openai-chat': ['topK'],
      'openai-responses': ['choices', 'presencePenalty', 'seed', 'stop', 'topK'],
      'anthropic-messages': ['choices', 'logprobs', 'presencePenalty', 'seed'],
      gemini: [],
    },
  ],
  [
    'JSON without a schema',
    { output: { kind: 'json_object' } },
    { 'openai-chat': [], 'openai-responses': [], 'anthropic-messages': ['output'], gemini: [] },
  ],
  [
    'who asks and what for',
    { user: 'u', metadata: { team: 'blue' }, promptCacheKey: 'k', verbosity: 'low' },
    {
      'openai-chat': [],
      'openai-responses': [],
      'anthropic-messages': ['metadata', 'promptCacheKey', 'verbosity'],
      gemini: ['metadata', 'promptCacheKey', 'user', 'verbosity'],
    },
  ],
  [
    'a parameter of Anthropic’s own',
    { extra: { inference_geo: 'eu' }, extraFormat: 'anthropic-messages' },
    {
      'openai-chat': ['extra.inference_geo'],
      'openai-responses': ['extra.inference_geo'],
      'anthropic-messages': [],
      gemini: ['extra.inference_geo'],
    },
  ],
];

describe.each(WIRE_FORMATS)('what %s cannot say is named', (format) => {
  it.each(CASES)('%s', (_what, request, losses) => {
    const { dropped } = codecFor(format).encodeRequest({
      model: 'test-model',
      messages: [question],
      stream: false,
      ...request,
    });
    expect(dropped.map(({ path }) => path).sort()).toEqual(losses[format]);
    for (const { reason } of dropped) expect(reason).not.toBe('');
  });
});
