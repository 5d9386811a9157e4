import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, type Decision, decide, type ToolPolicy } from './decide.ts';

const POLICY: ToolPolicy = { names: ['look', 'ask'], choice: 'auto', parallel: true };

/** A perspective by what it wants: a text, or calls as `name arguments`. */
const wants = (...wishes: readonly (string | readonly string[])[]): Candidate[] =>
  wishes.map((wish, index) => ({
    index,
    modelId: `m/${index}`,
    content: typeof wish === 'string' ? wish : '',
    calls:
      typeof wish === 'string'
        ? []
        : wish.map((call) => {
            const [name = '', ...rest] = call.split(' ');
            return { name, arguments: rest.join(' ') };
          }),
    finishReason: 'stop',
  }));

/** A decision in a word: whose calls, or whose texts. */
function short(decision: Decision): string {
  switch (decision.action) {
    case 'tool_calls':
      return `calls of ${decision.perspective}`;
    case 'answer':
    case 'judge':
      return `${decision.action} ${decision.candidates.map(({ index }) => index).join(' ')}`;
  }
}

const vote = (taken: readonly Candidate[], policy: Partial<ToolPolicy> = {}) =>
  short(decide(taken, { ...POLICY, ...policy }, 'vote'));
const judging = (taken: readonly Candidate[], policy: Partial<ToolPolicy> = {}) =>
  short(decide(taken, { ...POLICY, ...policy }, 'judging'));

describe('whether a turn acts', () => {
  it('goes by what most of the models do', () => {
    expect(vote(wants('Yes.', ['look {}'], ['look {}']))).toBe('calls of 1');
    expect(vote(wants('Yes.', 'No.', ['look {}']))).toBe('answer 0 1');
    expect(vote(wants(['look {}']))).toBe('calls of 0');
    expect(vote(wants('Yes.'))).toBe('answer 0');
  });

  it('goes on a tie by the first in the panel’s order', () => {
    expect(vote(wants('Yes.', ['look {}']))).toBe('answer 0');
    expect(vote(wants(['look {}'], 'Yes.'))).toBe('calls of 0');
  });

  it('hears nobody who says nothing, but leaves them to the merge', () => {
    expect(vote(wants(' \n', ['look {}']))).toBe('calls of 1');
    expect(vote(wants('', 'Yes.', ['look {}'], 'No.'))).toBe('answer 0 1 3');
    expect(vote(wants('I’m sorry, but I can’t help with that.', ['look {}']))).toBe('calls of 1');
    expect(vote(wants('', ''))).toBe('answer 0 1');
  });

  it('is never without tools or with none', () => {
    const taken = wants(['look {}'], ['look {}'], 'Yes.');
    expect(vote(taken, { names: [] })).toBe('answer 0 1 2');
    expect(vote(taken, { choice: 'none' })).toBe('answer 0 1 2');
    expect(judging(taken, { choice: 'none' })).toBe('answer 0 1 2');
  });

  it('is up to those that act when a tool must be called, if any does', () => {
    expect(vote(wants('Yes.', 'No.', ['ask {}']), { choice: 'required' })).toBe('calls of 2');
    expect(vote(wants(['ask {}'], ['look {}'], 'No.'), { choice: { name: 'look' } })).toBe('calls of 1');
    expect(vote(wants('Yes.', 'No.'), { choice: 'required' })).toBe('answer 0 1');
  });

  it('says why in a sentence', () => {
    const reason = (taken: Candidate[]) => {
      const decision = decide(taken, POLICY, 'vote');
      return decision.action === 'judge' ? '' : decision.reason;
    };
    expect(reason(wants('Yes.', ['look {}'], ['look { }']))).toBe(
      '2 of 3 call tools; 2 make the same calls. Those of m/1 were passed on.',
    );
    expect(reason(wants(['look {}'], 'Yes.'))).toBe(
      '1 of 2 call tools, and the first of the panel does; no two make the same calls. Those of m/0 were passed on.',
    );
    expect(reason(wants('Yes.', 'No.', ['ask {}']))).toBe('1 of 3 call tools.');
  });
});

describe('whose calls are passed on', () => {
  it('is who has the most that make the same, however they write it', () => {
    expect(vote(wants(['ask {"a":1}'], ['look {"a":1,"b":[1,2]}'], ['look { "b": [1, 2], "a": 1.0 }']))).toBe(
      'calls of 1',
    );
  });

  it('counts the same tools with other arguments as half', () => {
    // The calls of 0 have 2, those of 2, 3 and 4 have 1 + ½ + ½ = 2: then what more make exactly so.
    expect(
      vote(wants(['look {"q":1}'], ['look {"q":1}'], ['ask {"q":1}'], ['ask {"q":2}'], ['ask {"q":3}'])),
    ).toBe('calls of 0');
    // Five that ask outweigh two that look.
    const asks = [1, 2, 3, 4].map((q) => [`ask {"q":${q}}`]);
    expect(vote(wants(['look {"q":1}'], ['look {"q":1}'], ...asks))).toBe('calls of 2');
    // Neither is made twice: the one whose tool another uses too.
    expect(vote(wants(['ask {}'], ['look {"q":1}'], ['look {"q":2}']))).toBe('calls of 1');
  });

  it('is on a tie the first in the panel’s order', () => {
    expect(vote(wants(['ask {}'], ['look {}']))).toBe('calls of 0');
    expect(vote(wants('No.', ['look {}'], ['ask {}']))).toBe('calls of 1');
  });

  it('does not go by the order of calls that are made at once', () => {
    const taken = wants(['ask {}'], ['look {}', 'ask {}'], ['ask {}', 'look {}']);
    expect(vote(taken)).toBe('calls of 1');
  });

  it('is nobody whose calls the client cannot carry out, when others did better', () => {
    expect(vote(wants(['unknown {}'], ['unknown {}'], ['look {}']))).toBe('calls of 2');
    expect(vote(wants(['look {"a":'], ['look [1]'], 'Yes.'))).toBe('answer 2');
    expect(vote(wants(['look {}', 'ask {}'], ['look {}']), { parallel: false })).toBe('calls of 1');
  });

  it('is even somebody whose calls cannot be carried out when nobody did better', () => {
    expect(vote(wants('', ['unknown {}']))).toBe('calls of 1');
    expect(vote(wants(['look {"a":']))).toBe('calls of 0');
  });
});

describe('with the best asked for', () => {
  it('is judged when models want different things, silent ones left out', () => {
    expect(judging(wants('Yes.', ['look {}'], ''))).toBe('judge 0 1');
    expect(judging(wants(['ask {}'], ['look {}']))).toBe('judge 0 1');
  });

  it('is not judged when there is nothing to choose', () => {
    expect(judging(wants(['look {"a":1,"b":2}'], ['look {"b":2,"a":1}']))).toBe('calls of 0');
    expect(judging(wants('Yes.', 'No.'))).toBe('answer 0 1');
  });

  it('is judged among those that act when a tool must be called', () => {
    expect(judging(wants('Yes.', ['ask {}'], ['look {}']), { choice: 'required' })).toBe('judge 1 2');
  });
});

describe('any decision', () => {
  const call = fc.constantFrom(
    'look {}',
    'look {"q":1}',
    'ask {"q":1}',
    'ask {"q":2}',
    'nobody {}',
    'look {"a":',
  );
  const wish = fc.oneof(fc.constantFrom('Yes.', 'No.', ''), fc.array(call, { minLength: 1, maxLength: 3 }));
  const policy = fc.record({
    names: fc.constantFrom<string[]>([], ['look'], ['look', 'ask']),
    choice: fc.constantFrom<ToolPolicy['choice']>('auto', 'none', 'required', { name: 'ask' }),
    parallel: fc.boolean(),
  });

  it('acts by one perspective’s calls, or is made of some of those there are', () => {
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 1, maxLength: 8 }),
        policy,
        fc.constantFrom<'vote' | 'judging'>('vote', 'judging'),
        (wishes, rules, by) => {
          const taken = wants(...wishes);
          const decision = decide(taken, rules, by);
          if (decision.action === 'tool_calls') {
            expect(taken[decision.perspective]?.calls.length).toBeGreaterThan(0);
            expect(rules.names.length).toBeGreaterThan(0);
            expect(rules.choice).not.toBe('none');
          } else {
            expect(decision.candidates.length).toBeGreaterThan(0);
            for (const candidate of decision.candidates) expect(taken).toContain(candidate);
          }
          if (by === 'vote') expect(decision.action).not.toBe('judge');
          if (decision.action === 'judge') expect(decision.candidates.length).toBeGreaterThan(1);
        },
      ),
    );
  });
});
