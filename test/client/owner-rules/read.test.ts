import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ownerRulesCsv, readOwnerRules } from '../../../client/owner-rules/read.js';
import type { OwnerRule } from '../../../domain/ownership/rules.js';

describe('reading owner rules', () => {
  it('reads CSV with a header in any order, and says which line is wrong', () => {
    const text = [
      'team,tags,account',
      'orders,team=orders;env=prod,111122223333',
      ',team=x,',
      'billing,,',
    ].join('\n');
    expect(readOwnerRules(text)).toEqual({
      rules: [{ when: { account: '111122223333', tags: { team: 'orders', env: 'prod' } }, team: 'orders' }],
      faults: [
        'line 3: name a person or a team, one of them',
        'line 4: say when the rule holds: it would hold for everything',
      ],
    });
  });

  it('reads YAML, and says which rule is wrong', () => {
    const text =
      'rules:\n  - when: { account: "1" }\n    person: ana\n  - when: { acount: "1" }\n    team: x\n';
    const read = readOwnerRules(text);
    expect(read.rules).toEqual([{ when: { account: '1' }, person: 'ana' }]);
    expect(read.faults.length).toBeGreaterThan(0);
    expect(read.faults[0]).toMatch(/^rule 2, when: .*acount/);
  });

  it.each([
    ['an unknown column', 'acount,team\n1,x\n', /no column acount; columns are account/],
    ['broken CSV', 'account,team\n"1,x\n', /not CSV/],
    ['broken YAML', 'rules: [\n', /not YAML/],
    [
      'an alias bomb',
      `rules:\n  - &a [x,x,x,x]\n  - &b [${'*a,'.repeat(30)}x]\n  - [${'*b,'.repeat(30)}x]\n`,
      /not YAML/,
    ],
    ['too much', `account,team\n${'1,x\n'.repeat(60_000)}`, /longer than/],
  ])('refuses %s with a reason', (_name, text, reason) => {
    const read = readOwnerRules(text);
    expect(read.rules).toEqual([]);
    expect(read.faults.join()).toMatch(reason);
  });

  it('does not pollute a prototype by a tag called __proto__', () => {
    const { rules } = readOwnerRules('tags,team\n__proto__=x,orders\n');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(rules.length).toBeLessThanOrEqual(1);
  });

  it('writes what it reads, formulas and quotes included', () => {
    const word = fc.stringMatching(/^[=+\-@"a-z0-9,*:/]{1,20}$/).filter((text) => !text.startsWith("'"));
    const rule: fc.Arbitrary<OwnerRule> = fc.record({
      when: fc.record({ account: word, subject: word }),
      team: word,
    });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
        expect(readOwnerRules(ownerRulesCsv(rules))).toEqual({ rules, faults: [] });
      }),
    );
  });
});
