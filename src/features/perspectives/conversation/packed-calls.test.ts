import { describe, expect, it } from 'vitest';
import type { Message } from '../../providers/index.ts';
import type { PerspectiveCall } from '../ask.ts';
import { packCalls, unpackCalls } from './packed-calls.ts';

const shared: Message = { role: 'user', parts: [{ type: 'text', text: 'long '.repeat(1000) }] };
const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });
const call = (index: number, messages: Message[]): PerspectiveCall => ({
  index,
  modelId: `m/${index}`,
  messages,
  maxTokens: 10,
  temperature: null,
  timeoutMs: 1000,
});

describe('the calls of a group', () => {
  it('come out as they went in', () => {
    const options = { seed: 1 };
    const calls = [
      { ...call(0, [system('One.'), shared]), options },
      { ...call(1, [system('Two.'), shared, shared]), options },
      call(2, []),
    ];
    expect(unpackCalls(packCalls(calls))).toEqual(calls);
  });

  it('carry what they share once', () => {
    const one = packCalls([call(0, [shared])]).length;
    const five = packCalls([0, 1, 2, 3, 4].map((index) => call(index, [shared]))).length;
    expect(five - one).toBeLessThan(1000);
  });
});
