import { describe, expect, it } from 'vitest';
import type { Message } from '../../providers/index.ts';
import { layOver } from './lay-over.ts';

const hi: Message = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });

describe('laying a text over a conversation', () => {
  it('joins the last of the leading system messages', () => {
    expect(layOver([system('One.'), system('Two.'), hi, system('Later.')], 'Mine.')).toEqual([
      system('One.'),
      system('Two.\n\nMine.'),
      hi,
      system('Later.'),
    ]);
  });

  it('comes first where there is no system message before the conversation', () => {
    expect(layOver([hi, system('Later.')], 'Mine.')).toEqual([system('Mine.'), hi, system('Later.')]);
  });

  it('leaves a cache breakpoint where it was', () => {
    const cached: Message = { role: 'system', parts: [{ type: 'text', text: 'One.', cache: {} }] };
    expect(layOver([cached, hi], 'Mine.')[0]).toEqual({
      role: 'system',
      parts: [
        { type: 'text', text: 'One.', cache: {} },
        { type: 'text', text: 'Mine.' },
      ],
    });
  });

  it('changes nothing, not even a copy, without a text', () => {
    const messages = [system('One.'), hi];
    expect(layOver(messages, null)).toBe(messages);
    const laid = layOver(messages, 'Mine.');
    expect(laid[1]).toBe(hi);
    expect(messages[0]).toEqual(system('One.'));
  });
});
