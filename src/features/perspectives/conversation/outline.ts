import type { Message, Part } from '../../providers/index.ts';
import { cutFairly, cutText } from '../merge/index.ts';
import type { RunConversation } from './carried.ts';

/** Estimated tokens of the question that a run shows and is judged by; REST takes about as much in a prompt. */
const QUESTION_TOKENS = 50_000;
/** Estimated tokens of what came before the question, as those who judge and merge read it. */
const EARLIER_TOKENS = 4_000;
/** The same of what was done since: tool calls and what they returned, which answers rest on. */
const SINCE_TOKENS = 8_000;
/** Estimated tokens of the system text and of the list of tools. */
const SYSTEM_TOKENS = 2_000;
const TOOLS_TOKENS = 2_000;
/** Messages of each side of the question; cutting fairly gives more of them too little each to say anything. */
const MAX_MESSAGES = 40;

/** A conversation in a few thousand tokens, for those who judge and merge, and for a run's page. Nulls where there is nothing. */
export interface ConversationOutline {
  /** The last text of the person. */
  readonly question: string;
  /** The images and files that came with it, by name. */
  readonly attached: string | null;
  readonly system: string | null;
  readonly earlier: string | null;
  readonly since: string | null;
  /** The tools that the client offers, a line each. */
  readonly tools: string | null;
}

/**
 * The outline of a conversation. The question is the last user message that has text; a conversation without one asks by its last message. Bytes of
 * images and files are named, not shown.
 */
export function outlineOf(conversation: RunConversation): ConversationOutline {
  const { messages, tools = [] } = conversation;
  const spoken = messages.filter(({ role }) => role !== 'system');
  const asked = spoken.findLastIndex((message) => message.role === 'user' && textOf(message) !== '');
  const at = asked < 0 ? spoken.length - 1 : asked;
  const question = spoken[at];
  const text = question === undefined ? '' : textOf(question) || saidIn(question);
  return {
    question: cutText(text, QUESTION_TOKENS).text,
    attached: question === undefined || asked < 0 ? null : cutOrNull(attachmentsOf(question), SYSTEM_TOKENS),
    system: cutOrNull(messages.filter(({ role }) => role === 'system').map(saidIn), SYSTEM_TOKENS),
    earlier: told(spoken.slice(0, Math.max(0, at)).slice(-MAX_MESSAGES), EARLIER_TOKENS),
    since: told(spoken.slice(at + 1).slice(-MAX_MESSAGES), SINCE_TOKENS),
    tools: cutOrNull(
      tools.map(({ name, description }) => (description === undefined ? name : `${name}: ${description}`)),
      TOOLS_TOKENS,
    ),
  };
}

function cutOrNull(texts: readonly string[], budget: number): string | null {
  const text = texts.filter((one) => one.trim() !== '').join('\n');
  return text === '' ? null : cutText(text, budget).text;
}

/** Turns in their order, each with who spoke, within a budget that they share fairly. */
function told(messages: readonly Message[], budget: number): string | null {
  const turns = messages
    .map((message) => ({ speaker: SPEAKERS[message.role], said: saidIn(message) }))
    .filter(({ said }) => said !== '');
  if (turns.length === 0) return null;
  const cut = cutFairly(
    turns.map(({ said }) => said),
    budget,
  );
  return turns.map(({ speaker }, at) => `${speaker}: ${cut[at]?.text ?? ''}`).join('\n');
}

const SPEAKERS = { system: 'system', user: 'person', assistant: 'assistant', tool: 'tool' } as const;

/** The text alone of a message. */
function textOf({ parts }: Message): string {
  return (parts as readonly Part[])
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim();
}

function attachmentsOf({ parts }: Message): string[] {
  return (parts as readonly Part[]).filter(({ type }) => type !== 'text').map(saidBy);
}

/** What a message says in text; what has none is named in brackets. */
function saidIn({ parts }: Message): string {
  return (parts as readonly Part[])
    .map(saidBy)
    .filter((text) => text !== '')
    .join('\n')
    .trim();
}

function saidBy(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text;
    case 'image':
    case 'audio':
      return `[${part.type}]`;
    case 'file':
      return part.name === undefined ? '[file]' : `[file ${part.name}]`;
    case 'tool_call':
      return `calls ${part.name}(${part.arguments})`;
    case 'tool_result': {
      const text = part.content.map(saidBy).join('\n');
      return `${part.name ?? part.callId} ${part.isError === true ? 'failed' : 'returned'}: ${text}`;
    }
    case 'reasoning':
      return '';
  }
}
