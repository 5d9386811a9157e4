import type {
  AssistantPart,
  ConversationEvent,
  ConversationResponse,
  FinishReason,
  JsonObject,
  TokenUsage,
  WireFormat,
} from '../conversation.ts';

/** An answer, streamed or not, as what it says in the end: for tests that compare one with the other. */
export interface Answer {
  readonly id: string;
  readonly created: number;
  readonly choices: readonly AnswerChoice[];
  readonly usage: TokenUsage | undefined;
  readonly serviceTier?: string;
  /** How a stream ended; `end` for what did not stream. */
  readonly last: 'end' | 'error' | 'nothing';
}

export interface AnswerChoice {
  readonly parts: readonly AssistantPart[];
  readonly finishReason: FinishReason | undefined;
  readonly stopSequence?: string;
  readonly logprobs?: JsonObject;
}

/** A whole answer. Texts side by side are one; who answers and under which name is not compared. */
export function answerOfResponse(response: ConversationResponse): Answer {
  const { id, created, usage, serviceTier } = response;
  const choices = response.choices.map(({ parts, finishReason, stopSequence, logprobs }) => ({
    parts: joinedTexts(parts),
    finishReason,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(logprobs === undefined ? {} : { logprobs: { content: logprobs.content } }),
  }));
  return { id, created, usage, choices, ...(serviceTier === undefined ? {} : { serviceTier }), last: 'end' };
}

function joinedTexts(parts: readonly AssistantPart[]): AssistantPart[] {
  const joined: AssistantPart[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (part.type === 'text' && before?.type === 'text')
      joined[joined.length - 1] = { ...before, text: before.text + part.text };
    else joined.push(part);
  }
  return joined;
}

interface OpenChoice {
  readonly parts: AssistantPart[];
  readonly thoughts: Map<number, number>;
  readonly calls: Map<number, number>;
  finishReason: FinishReason | undefined;
  stopSequence?: string;
  logprobs?: { content: unknown[] };
}

/** What a stream says in the end. Throws when its events come in an order that the neutral form forbids. */
export function answerOfEvents(events: readonly ConversationEvent[]): Answer {
  const choices = new Map<number, OpenChoice>();
  let head: { id: string; created: number } | undefined;
  let usage: TokenUsage | undefined;
  let last: Answer['last'] = 'nothing';
  const at = (index: number): OpenChoice => {
    const choice = choices.get(index) ?? {
      parts: [],
      thoughts: new Map(),
      calls: new Map(),
      finishReason: undefined,
    };
    choices.set(index, choice);
    return choice;
  };
  for (const event of events) {
    if (last !== 'nothing') throw new Error(`${event.type} follows the stream's last event`);
    if (head === undefined && event.type !== 'start' && event.type !== 'error')
      throw new Error(`${event.type} comes before start`);
    if (event.type === 'start') {
      if (head !== undefined) throw new Error('start comes twice');
      head = { id: event.id, created: event.created };
    } else if (event.type === 'usage') usage = event.usage;
    else if (event.type === 'end' || event.type === 'error') last = event.type;
    else add(at(event.choice), event);
  }
  const ordered = [...choices].sort(([left], [right]) => left - right);
  return {
    id: head?.id ?? '',
    created: head?.created ?? 0,
    usage,
    choices: ordered.map(([, { thoughts: _thoughts, calls: _calls, ...choice }]) => choice),
    last,
  };
}

type PieceEvent = Extract<ConversationEvent, { readonly choice: number }>;

function add(choice: OpenChoice, event: PieceEvent): void {
  if (choice.finishReason !== undefined) throw new Error(`${event.type} follows the choice's finish`);
  const { parts } = choice;
  const before = parts.at(-1);
  switch (event.type) {
    case 'text':
    case 'refusal':
      if (event.text === '') return;
      if (before?.type === event.type)
        parts[parts.length - 1] = { ...before, text: before.text + event.text };
      else parts.push({ type: event.type, text: event.text });
      return;
    case 'reasoning': {
      const { type, choice: _choice, block, ...piece } = event;
      const place = choice.thoughts.get(block);
      const known = place === undefined ? undefined : parts[place];
      if (place === undefined || known?.type !== 'reasoning') {
        choice.thoughts.set(block, parts.length);
        parts.push({ type, ...piece });
      } else parts[place] = { ...known, ...piece, text: known.text + piece.text };
      return;
    }
    case 'tool_call_start': {
      const { id, name, signature } = event;
      if (event.call !== choice.calls.size) throw new Error('calls are not numbered in their order');
      choice.calls.set(event.call, parts.length);
      parts.push({
        type: 'tool_call',
        id,
        name,
        arguments: '',
        ...(signature === undefined ? {} : { signature }),
      });
      return;
    }
    case 'tool_call_arguments': {
      const place = choice.calls.get(event.call);
      const call = place === undefined ? undefined : parts[place];
      if (place === undefined || call?.type !== 'tool_call') throw new Error('arguments without their call');
      parts[place] = { ...call, arguments: call.arguments + event.fragment };
      return;
    }
    case 'logprobs': {
      const { content } = event.logprobs;
      choice.logprobs ??= { content: [] };
      if (Array.isArray(content)) choice.logprobs.content.push(...(content as unknown[]));
      return;
    }
    case 'finish':
      choice.finishReason = event.reason;
      if (event.stopSequence !== undefined) choice.stopSequence = event.stopSequence;
  }
}

/** What of an answer a format can say: the list of what its answers have no place for. */
export function sayable(format: WireFormat, answer: Answer): Answer {
  switch (format) {
    case 'anthropic-messages': {
      // One answer, no time, no log-probabilities.
      const choices = answer.choices.slice(0, 1).map(({ logprobs: _logprobs, ...choice }) => choice);
      return { ...answer, created: 0, choices };
    }
    case 'gemini': {
      // `STOP` covers stop sequences; `OTHER` everything broken off. No cache writes, no tier.
      const { serviceTier: _tier, ...rest } = answer;
      return {
        ...rest,
        usage: answer.usage && { ...answer.usage, cacheWriteTokens: 0 },
        choices: answer.choices.map((choice) => renamed(choice, { stop_sequence: 'stop', pause: 'error' })),
      };
    }
    case 'openai-chat':
      // No word for a stop sequence or a pause.
      return {
        ...answer,
        choices: answer.choices.map((choice) => renamed(choice, { stop_sequence: 'stop', pause: 'stop' })),
      };
    case 'openai-responses': {
      // One answer; the same words as chat. What is cut short says so before it says that tools wait.
      const choices = answer.choices
        .slice(0, 1)
        .map((choice) => renamed(choice, { stop_sequence: 'stop', pause: 'stop' }));
      return { ...answer, choices };
    }
  }
}

function renamed(choice: AnswerChoice, words: Partial<Record<FinishReason, FinishReason>>): AnswerChoice {
  const { finishReason, stopSequence, ...rest } = choice;
  const word = finishReason && words[finishReason];
  if (word !== undefined) return { ...rest, finishReason: word };
  return stopSequence === undefined ? choice : { ...rest, finishReason, stopSequence };
}
