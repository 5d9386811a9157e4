import fc from 'fast-check';
import type {
  AssistantPart,
  CacheControl,
  ConversationRequest,
  JsonObject,
  Message,
  OutputFormat,
  ReasoningOptions,
  Source,
  TextPart,
  Tool,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../conversation.ts';
import {
  base64,
  base64Text,
  cache,
  jsonObject,
  optional,
  present,
  real,
  reasoningPart,
  record,
  text,
  word,
} from './arbitrary-values.ts';

export * from './arbitrary-answers.ts';

/**
 * Arbitrary conversations in neutral normal form, for the property tests of the codecs. They hold what at least one format can say, in the
 * order that every format keeps: an assistant thinks, speaks, then calls tools; a system message stands first or behind a user turn.
 */

const link = word.map((name) => `https://files.example/${name}`);

function source(mediaTypes: readonly string[]): fc.Arbitrary<Source> {
  return fc.oneof(
    record<Source>({ kind: fc.constant('base64'), mediaType: fc.constantFrom(...mediaTypes), data: base64 }),
    record<Source>({ kind: fc.constant('url'), url: link }),
    record<Source>({ kind: fc.constant('file_id'), id: word.map((name) => `file-${name}`) }),
  );
}

const textPart = record<TextPart>({ type: fc.constant('text'), text, cache: optional(cache) });

const imagePart: fc.Arbitrary<UserPart & { type: 'image' }> = record({
  type: fc.constant('image' as const),
  source: source(['image/png', 'image/jpeg']),
  detail: optional(fc.constantFrom('auto' as const, 'low' as const, 'high' as const, 'original' as const)),
  cache: optional(cache),
});

const audioPart: fc.Arbitrary<UserPart & { type: 'audio' }> = record({
  type: fc.constant('audio' as const),
  source: fc.record({
    kind: fc.constant('base64' as const),
    mediaType: fc.constantFrom('audio/wav', 'audio/mpeg'),
    data: base64,
  }),
});

const filePart: fc.Arbitrary<UserPart & { type: 'file' }> = record({
  type: fc.constant('file' as const),
  source: fc.oneof(
    source(['application/pdf']),
    record<Source>({
      kind: fc.constant('base64'),
      mediaType: fc.constantFrom('text/plain', 'text/csv'),
      data: base64Text,
    }),
  ),
  name: optional(word.map((name) => `${name}.pdf`)),
  cache: optional(cache),
});

const userPart: fc.Arbitrary<UserPart> = fc.oneof(
  { weight: 4, arbitrary: textPart },
  imagePart,
  audioPart,
  filePart,
);

const resultContent = fc.oneof({ weight: 4, arbitrary: textPart }, imagePart, filePart);

interface CallPlan {
  readonly name: string;
  readonly args: JsonObject;
  readonly signature: string | undefined;
  readonly content: ToolResultPart['content'];
  readonly isError: boolean | undefined;
  readonly cache: CacheControl | undefined;
}

const callPlan: fc.Arbitrary<CallPlan> = fc.record({
  name: word,
  args: jsonObject,
  signature: optional(base64),
  content: fc.array(resultContent, { maxLength: 2 }),
  isError: optional(fc.constant(true)),
  cache: optional(cache),
});

interface Round {
  readonly user: readonly UserPart[];
  readonly name: string | undefined;
  readonly system: readonly TextPart[];
  readonly thoughts: readonly AssistantPart[];
  readonly said: readonly AssistantPart[];
  readonly calls: readonly CallPlan[];
}

const round: fc.Arbitrary<Round> = fc.record({
  // Something that every format takes, so that no turn vanishes whole.
  user: fc.tuple(textPart, fc.array(userPart, { maxLength: 2 })).map(([first, rest]) => [first, ...rest]),
  name: optional(word),
  system: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    fc.array(textPart, { minLength: 1, maxLength: 1 }),
  ),
  thoughts: fc.array(reasoningPart, { maxLength: 1 }),
  said: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: textPart as fc.Arbitrary<AssistantPart> },
      record<AssistantPart>({ type: fc.constant('refusal'), text }),
    ),
    { maxLength: 1 },
  ),
  calls: fc.array(callPlan, { maxLength: 3 }),
});

function messagesOf(
  system: readonly TextPart[],
  rounds: readonly Round[],
  last: readonly UserPart[],
): Message[] {
  const messages: Message[] = [];
  if (system.length > 0) messages.push({ role: 'system', parts: system });
  let count = 0;
  for (const { user, name, system: later, thoughts, said, calls } of rounds) {
    messages.push(present({ role: 'user' as const, parts: user, name }));
    const ids = calls.map(() => `call_${count++}`);
    const called = calls.map(
      (call, index): ToolCallPart =>
        present({
          type: 'tool_call' as const,
          id: ids[index] ?? '',
          name: call.name,
          arguments: JSON.stringify(call.args),
          signature: call.signature,
        }),
    );
    const parts = [...thoughts, ...said, ...called];
    if (parts.length > 0 && later.length > 0) messages.push({ role: 'system', parts: later });
    if (parts.length > 0) messages.push({ role: 'assistant', parts });
    const results = calls.map(
      (call, index): ToolResultPart =>
        present({
          type: 'tool_result' as const,
          callId: ids[index] ?? '',
          name: call.name,
          content: call.content,
          isError: call.isError,
          // A breakpoint stands behind something.
          cache: call.content.length > 0 ? call.cache : undefined,
        }),
    );
    if (results.length > 0) messages.push({ role: 'tool', parts: results });
  }
  if (last.length > 0) messages.push({ role: 'user', parts: last });
  return messages;
}

const messages: fc.Arbitrary<Message[]> = fc
  .tuple(
    fc.array(textPart, { maxLength: 2 }),
    fc.array(round, { minLength: 1, maxLength: 3 }),
    fc.array(userPart, { maxLength: 2 }),
  )
  .map(([system, rounds, last]) => messagesOf(system, rounds, last));

const tool: fc.Arbitrary<Tool> = record({
  name: word,
  description: optional(text),
  parameters: jsonObject.map((properties) => ({ type: 'object', properties })),
  strict: optional(fc.boolean()),
  cache: optional(cache),
});

const tools = fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: ({ name }) => name });

const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constant<OutputFormat>({ kind: 'json_object' }),
  record<OutputFormat>({
    kind: fc.constant('json_schema'),
    name: word,
    schema: jsonObject.map((properties) => ({ type: 'object', properties })),
    description: optional(text),
    strict: optional(fc.boolean()),
  }),
);

const reasoning: fc.Arbitrary<ReasoningOptions> = fc.oneof(
  record<ReasoningOptions>({
    effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
    include: optional(fc.boolean()),
  }),
  record<ReasoningOptions>({
    budgetTokens: fc.integer({ min: 0, max: 40_000 }),
    include: optional(fc.boolean()),
  }),
  record<ReasoningOptions>({ include: fc.boolean() }),
);

/** A request for the model `test-model`, which no codec holds special rules for. */
export const request: fc.Arbitrary<ConversationRequest> = fc
  .record({
    messages,
    tools: optional(tools),
    choice: fc.integer({ min: 0, max: 4 }),
    parallelToolCalls: optional(fc.constant(false)),
    output: optional(output),
    maxTokens: optional(fc.integer({ min: 16, max: 60_000 })),
    temperature: optional(real(0, 2)),
    topP: optional(real(0, 1)),
    topK: optional(fc.integer({ min: 1, max: 100 })),
    stop: optional(fc.array(text, { minLength: 1, maxLength: 4 })),
    seed: optional(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
    choices: optional(fc.integer({ min: 2, max: 4 })),
    presencePenalty: optional(real(-2, 2)),
    frequencyPenalty: optional(real(-2, 2)),
    logprobs: optional(fc.integer({ min: 0, max: 5 })),
    reasoning: optional(reasoning),
    verbosity: optional(fc.constantFrom('low', 'medium', 'high')),
    user: optional(word),
    metadata: optional(fc.dictionary(word, text, { minKeys: 1, maxKeys: 2 })),
    serviceTier: optional(fc.constantFrom('auto', 'default', 'flex', 'priority')),
    promptCacheKey: optional(word),
    stream: fc.boolean(),
  })
  .map(({ choice, ...rest }) => {
    const first = rest.tools?.[0];
    const toolChoice =
      first && ([undefined, 'auto', 'none', 'required', { name: first.name }] as const)[choice];
    const parallelToolCalls = first && rest.parallelToolCalls;
    return present({ model: 'test-model', ...rest, toolChoice, parallelToolCalls });
  });
