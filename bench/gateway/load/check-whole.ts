import { ANSWER } from '../answer-text.ts';
import type { WireFormat } from '../wire-format.ts';
import { at } from './json-path.ts';

/** Throws unless this is the upstream's answer, with its usage. */
export function checkWhole(format: WireFormat, body: string): void {
  const answer: unknown = JSON.parse(body);
  const [text, tokens] = contentOf(format, answer);
  if (text !== ANSWER) throw new Error(`a wrong answer: ${body.slice(0, 300)}`);
  if (typeof tokens !== 'number' || tokens <= 0)
    throw new Error(`an answer without usage: ${body.slice(0, 300)}`);
}

function contentOf(format: WireFormat, answer: unknown): [unknown, unknown] {
  switch (format) {
    case 'openai-chat':
      return [at(answer, 'choices', 0, 'message', 'content'), at(answer, 'usage', 'completion_tokens')];
    case 'openai-responses':
      return [at(answer, 'output', 0, 'content', 0, 'text'), at(answer, 'usage', 'output_tokens')];
    case 'anthropic-messages':
      return [at(answer, 'content', 0, 'text'), at(answer, 'usage', 'output_tokens')];
  }
}
