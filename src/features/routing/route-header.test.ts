import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { plainly, type Route } from './route.ts';
import { MAX_HEADER_CHARACTERS, routeHeader } from './route-header.ts';
import { catalogOf, modelOf, requestFor, ruleOf, stateOf } from './routing-fixture.ts';

const catalog = await catalogOf('openai', 'anthropic', 'google');
const route = (more: Partial<Route> = {}): Route => ({
  targets: [modelOf('local/swift')],
  chosenBy: 'explicit',
  panel: null,
  task: null,
  ruleId: null,
  explanation: plainly('The request names the model.'),
  ...more,
});

describe('the header that says how a model was chosen', () => {
  it('is short where nothing was weighed', () => {
    expect(routeHeader(route())).toBe('explicit; model=local/swift; reason="The request names the model."');
  });

  it('has the task and how sure both are where the router chose', () => {
    const text = 'Write a Python function that checks whether a string is a palindrome.';
    const header = routeHeader(decide(requestFor('auto', { text }), stateOf(catalog)));
    expect(header).toMatch(
      /^auto; task=coding; task_confidence=[01]\.\d\d; confidence=[01]\.\d\d; model=\S+\/\S+; reason="\S+ scores best of \d+ models/,
    );
  });

  it('names the rule and the panel', () => {
    const rules = [ruleOf('rule_1', { target: { panel: 'debate' } })];
    const header = routeHeader(decide(requestFor('auto'), stateOf(catalog, { tenant: { rules } })));
    expect(header).toBe(`rule; rule=rule_1; panel=debate; reason="By the rule 'rule_1'."`);
  });

  it('is a line of printable ASCII within its bound, whatever a rule is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (name) => {
        const header = routeHeader(route({ explanation: plainly(`By the rule "${name}".`) }));
        expect(header).toMatch(/^[\x20-\x7e]+$/);
        expect(header.length).toBeLessThanOrEqual(MAX_HEADER_CHARACTERS);
        expect(header.match(/"/g)).toHaveLength(2);
        expect(new Headers({ 'x-parallax-route': header }).get('x-parallax-route')).toBe(header);
      }),
    );
  });
});
