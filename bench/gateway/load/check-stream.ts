import { PIECE } from '../answer-text.ts';
import type { WireFormat } from '../wire-format.ts';
import { at } from './json-path.ts';

/** Throws unless these bytes are a stream of so many pieces in this format, with usage, and properly ended. */
export function checkStream(format: WireFormat, body: string, pieces: number): void {
  const events = body.split(/\r?\n\r?\n/).filter((event) => event.trim() !== '');
  const data = events.flatMap(dataOf);
  const fail = (reason: string): never => {
    throw new Error(`a stream ${reason}; it began ${body.slice(0, 200)} and ended ${body.slice(-300)}`);
  };
  if (!body.endsWith('\n\n')) fail('that is cut off');
  if (format === 'openai-chat' && data.pop() !== '[DONE]') fail('without [DONE]');
  const parsed: unknown[] = data.map((each) => JSON.parse(each));
  const { text, usage, ended } = READERS[format](parsed);
  if (text !== PIECE.repeat(pieces)) fail(`with ${text.length / PIECE.length} pieces, not ${pieces}`);
  if (usage !== pieces) fail(`that counts ${String(usage)} tokens, not ${pieces}`);
  if (!ended) fail('without its end');
}

function dataOf(event: string): string[] {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? [] : [lines.map((line) => line.slice('data:'.length).trimStart()).join('\n')];
}

interface Reading {
  readonly text: string;
  readonly usage: unknown;
  readonly ended: boolean;
}

const READERS: Readonly<Record<WireFormat, (events: readonly unknown[]) => Reading>> = {
  'openai-chat': (events) => ({
    text: textOf(events, 'choices', 0, 'delta', 'content'),
    usage: at(events.at(-1), 'usage', 'completion_tokens'),
    ended: events.some((event) => at(event, 'choices', 0, 'finish_reason') === 'stop'),
  }),
  'openai-responses': (events) => ({
    text: textOf(ofType(events, 'response.output_text.delta'), 'delta'),
    usage: at(events.at(-1), 'response', 'usage', 'output_tokens'),
    ended: at(events.at(-1), 'type') === 'response.completed',
  }),
  'anthropic-messages': (events) => ({
    text: textOf(ofType(events, 'content_block_delta'), 'delta', 'text'),
    usage: at(ofType(events, 'message_delta').at(-1), 'usage', 'output_tokens'),
    ended: at(events.at(-1), 'type') === 'message_stop',
  }),
};

function ofType(events: readonly unknown[], type: string): unknown[] {
  return events.filter((event) => at(event, 'type') === type);
}

function textOf(events: readonly unknown[], ...path: readonly (string | number)[]): string {
  return events.map((event) => at(event, ...path) ?? '').join('');
}
