import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../../platform/tokens.ts';
import type { Message } from '../../providers/index.ts';
import { outlineOf } from './outline.ts';

const says = (role: 'user' | 'assistant' | 'system', text: string): Message => ({
  role,
  parts: [{ type: 'text', text }],
});

describe('the outline of a conversation', () => {
  it('has the last question, what came before it and what was done since', () => {
    const outline = outlineOf({
      messages: [
        says('system', 'Be brief.'),
        says('user', 'Hello.'),
        says('assistant', 'Hello to you.'),
        says('user', 'How warm is it?'),
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'A tool knows.' },
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_call', id: 'c1', name: 'look', arguments: '{"at":"roof"}' },
          ],
        },
        {
          role: 'tool',
          parts: [
            { type: 'tool_result', callId: 'c1', name: 'look', content: [{ type: 'text', text: '18' }] },
            { type: 'tool_result', callId: 'c2', isError: true, content: [{ type: 'text', text: 'broken' }] },
          ],
        },
      ],
      tools: [
        { name: 'look', description: 'Looks somewhere', parameters: {} },
        { name: 'ask', parameters: {} },
      ],
    });
    expect(outline).toEqual({
      question: 'How warm is it?',
      attached: null,
      system: 'Be brief.',
      earlier: 'person: Hello.\nassistant: Hello to you.',
      since: 'assistant: Let me see.\ncalls look({"at":"roof"})\ntool: look returned: 18\nc2 failed: broken',
      tools: 'look: Looks somewhere\nask',
    });
  });

  it('has nothing where there is nothing', () => {
    expect(outlineOf({ messages: [says('user', 'Hi')] })).toEqual({
      question: 'Hi',
      attached: null,
      system: null,
      earlier: null,
      since: null,
      tools: null,
    });
  });

  it('names what has no text, and takes it for the question only when nothing else asks', () => {
    const image = {
      role: 'user',
      parts: [
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'QUJD' } },
        { type: 'file', name: 'plan.pdf', source: { kind: 'url', url: 'https://example.com/plan.pdf' } },
      ],
    } satisfies Message;
    const alone = outlineOf({ messages: [image] });
    expect(alone).toMatchObject({ question: '[image]\n[file plan.pdf]', attached: null });
    const both: Message = { role: 'user', parts: [{ type: 'text', text: 'See?' }, ...image.parts] };
    expect(outlineOf({ messages: [both] })).toMatchObject({
      question: 'See?',
      attached: '[image]\n[file plan.pdf]',
    });
    const behind = outlineOf({ messages: [says('user', 'See?'), image] });
    expect(behind).toMatchObject({ question: 'See?', since: 'person: [image]\n[file plan.pdf]' });
    expect(JSON.stringify([alone, behind])).not.toContain('QUJD');
    expect(outlineOf({ messages: [says('assistant', 'Well?')] }).question).toBe('Well?');
  });

  it('stays within a few thousand tokens, whatever the conversation has, and keeps each turn’s beginning', () => {
    const long = (mark: string) => `${mark} ${'word '.repeat(100_000)}`;
    const messages = Array.from({ length: 100 }, (_, at) =>
      says(at % 2 === 0 ? 'user' : 'assistant', long(`#${at}`)),
    );
    const outline = outlineOf({
      messages: [says('system', long('system')), ...messages, says('user', long('last'))],
      tools: Array.from({ length: 500 }, (_, at) => ({
        name: `tool_${at}`,
        description: 'word '.repeat(100),
        parameters: {},
      })),
    });
    const tokens = (text: string | null) => estimateTokens(text ?? '');
    expect(tokens(outline.question)).toBeLessThanOrEqual(50_000);
    expect(tokens(outline.earlier)).toBeLessThanOrEqual(4_400);
    expect(tokens(outline.system)).toBeLessThanOrEqual(2_000);
    expect(tokens(outline.tools)).toBeLessThanOrEqual(2_000);
    expect(outline.question.startsWith('last ')).toBe(true);
    for (const at of [60, 75, 99]) expect(outline.earlier).toContain(`: #${at} `);
    expect(outline.earlier).not.toContain('#59 ');
  });
});
