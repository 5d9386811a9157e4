import type {
  AssistantPart,
  Choice,
  ConversationEvent,
  ConversationResponse,
  FinishReason,
  JsonObject,
  TokenUsage,
} from '../providers/index.ts';

interface OpenPart {
  readonly kind: string;
  part: AssistantPart;
}

interface OpenChoice {
  readonly parts: OpenPart[];
  finish: FinishReason | null;
  stopSequence: string | undefined;
  logprobs: unknown[];
}

/** Puts the events of a streamed answer together to the answer that would have come whole. */
export class AnswerBuilder {
  #id = '';
  #model = '';
  #created = 0;
  #usage: TokenUsage | null = null;
  #whole = false;
  readonly #choices = new Map<number, OpenChoice>();

  add(events: readonly ConversationEvent[]): void {
    for (const event of events) this.#add(event);
  }

  /** The answer, when it came to its proper end and its usage is known; null otherwise. */
  response(): ConversationResponse | null {
    if (!this.#whole || this.#usage === null) return null;
    const choices = [...this.#choices]
      .sort(([a], [b]) => a - b)
      .map(
        ([index, { parts, finish, stopSequence, logprobs }]): Choice => ({
          index,
          parts: parts.map(({ part }) => part),
          finishReason: finish ?? 'stop',
          ...(stopSequence === undefined ? {} : { stopSequence }),
          ...(logprobs.length === 0 ? {} : { logprobs: { content: logprobs } }),
        }),
      );
    return { id: this.#id, model: this.#model, created: this.#created, choices, usage: this.#usage };
  }

  #add(event: ConversationEvent): void {
    switch (event.type) {
      case 'start':
        this.#id = event.id;
        this.#model = event.model;
        this.#created = event.created;
        break;
      case 'text':
      case 'refusal':
        this.#grow(event.choice, event.type, event.text, (text) => ({ type: event.type, text }));
        break;
      case 'reasoning':
        this.#think(event);
        break;
      case 'tool_call_start': {
        const { id, name, signature } = event;
        const part = { type: 'tool_call', id, name, arguments: '' } as const;
        this.#choice(event.choice).parts.push({
          kind: `call ${event.call}`,
          part: signature === undefined ? part : { ...part, signature },
        });
        break;
      }
      case 'tool_call_arguments': {
        const open = this.#choice(event.choice).parts.find(({ kind }) => kind === `call ${event.call}`);
        if (open?.part.type === 'tool_call')
          open.part = { ...open.part, arguments: open.part.arguments + event.fragment };
        break;
      }
      case 'logprobs':
        this.#choice(event.choice).logprobs.push(...listed(event.logprobs));
        break;
      case 'finish': {
        const choice = this.#choice(event.choice);
        choice.finish = event.reason;
        choice.stopSequence = event.stopSequence;
        break;
      }
      case 'usage':
        this.#usage = event.usage;
        break;
      case 'end':
        this.#whole = true;
        break;
      case 'error':
        this.#whole = false;
        break;
    }
  }

  #grow(index: number, kind: string, text: string, make: (text: string) => AssistantPart): void {
    const { parts } = this.#choice(index);
    const last = parts.at(-1);
    if (last?.kind === kind && 'text' in last.part) last.part = { ...last.part, text: last.part.text + text };
    else parts.push({ kind, part: make(text) });
  }

  #think(event: Extract<ConversationEvent, { type: 'reasoning' }>): void {
    const { parts } = this.#choice(event.choice);
    const kind = `thought ${event.block}`;
    const open = parts.find((part) => part.kind === kind);
    const before = open?.part.type === 'reasoning' ? open.part : { type: 'reasoning' as const, text: '' };
    const part = {
      ...before,
      text: before.text + event.text,
      ...(event.id === undefined ? {} : { id: event.id }),
      ...joined('signature', before.signature, event.signature),
      ...joined('encrypted', before.encrypted, event.encrypted),
    };
    if (open === undefined) parts.push({ kind, part });
    else open.part = part;
  }

  #choice(index: number): OpenChoice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = { parts: [], finish: null, stopSequence: undefined, logprobs: [] };
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

function joined(name: 'signature' | 'encrypted', before?: string, more?: string): Record<string, string> {
  return before === undefined && more === undefined ? {} : { [name]: (before ?? '') + (more ?? '') };
}

function listed({ content }: JsonObject): readonly unknown[] {
  return Array.isArray(content) ? content : [];
}

/** Characters of a piece when an answer that is there whole is told as a stream. */
const PIECE_LENGTH = 256;

/** An answer that is there whole, as the events of a stream. */
export function* replayEvents(response: ConversationResponse): Generator<ConversationEvent, void, void> {
  yield { type: 'start', id: response.id, model: response.model, created: response.created };
  for (const { index: choice, parts, finishReason, stopSequence, logprobs } of response.choices) {
    let call = -1;
    let block = -1;
    for (const part of parts) {
      switch (part.type) {
        case 'text':
        case 'refusal':
          for (const text of piecesOf(part.text)) yield { type: part.type, choice, text };
          break;
        case 'reasoning': {
          block += 1;
          const { type, ...thought } = part;
          yield { type, choice, block, ...thought };
          break;
        }
        case 'tool_call': {
          call += 1;
          const { id, name, signature, arguments: fragment } = part;
          const start = { type: 'tool_call_start', choice, call, id, name } as const;
          yield signature === undefined ? start : { ...start, signature };
          yield { type: 'tool_call_arguments', choice, call, fragment };
          break;
        }
        case 'image':
        case 'audio':
          // No format streams these: an answer that has them is not kept for replay.
          break;
      }
    }
    if (logprobs !== undefined) yield { type: 'logprobs', choice, logprobs };
    const finish = { type: 'finish', choice, reason: finishReason } as const;
    yield stopSequence === undefined ? finish : { ...finish, stopSequence };
  }
  yield { type: 'usage', usage: response.usage };
  yield { type: 'end' };
}

/** A text in pieces of bounded length that never part a character. */
function* piecesOf(text: string): Generator<string, void, void> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + PIECE_LENGTH);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end += 1;
    yield text.slice(at, end);
    at = end;
  }
}
