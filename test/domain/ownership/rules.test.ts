import { describe, expect, it } from '@jest/globals';
import {
  type OwnedSubject,
  type OwnerRule,
  ownerRuleFor,
  ownerRuleText,
  readOwnerRuleSet,
} from '../../../domain/ownership/rules.js';

const subject: OwnedSubject = {
  account: '111122223333',
  environment: 'production',
  source: 'wiz',
  kind: 'excessive-permissions',
  arn: 'arn:aws:iam::111122223333:role/orders-writer',
  name: 'orders-writer',
  tags: { team: 'orders' },
};

describe('owner rules', () => {
  it.each<[string, OwnerRule['when'], boolean]>([
    ['the account', { account: '111122223333' }, true],
    ['another account', { account: '999' }, false],
    ['account and tag', { account: '111122223333', tags: { team: 'orders' } }, true],
    ['a tag that is not there', { tags: { squad: '*' } }, false],
    ['any value of a tag', { tags: { team: '*' } }, true],
    ['a name pattern', { subject: 'orders-*' }, true],
    ['an ARN pattern', { subject: 'arn:aws:iam::*:role/orders-*' }, true],
    ['environment and kind', { environment: 'production', kind: 'excessive-*' }, true],
    ['one of two that fails', { environment: 'development', account: '111122223333' }, false],
    ["a tag of every object's prototype", { tags: { constructor: '*' } }, false],
  ])('asks for %s', (_name, when, holds) => {
    expect(ownerRuleFor([{ when, team: 'orders' }], subject) !== undefined).toBe(holds);
  });

  it('takes the first rule that holds', () => {
    const rules = [
      { when: { account: '999' }, team: 'other' },
      { when: { tags: { team: 'orders' } }, person: 'ana' },
      { when: { account: '*' }, team: 'all' },
    ];
    expect(ownerRuleFor(rules, subject)).toEqual({ rule: rules[1], index: 1 });
    expect(ownerRuleFor(rules, { ...subject, account: undefined, tags: {} })).toBeUndefined();
  });

  it('reads like a sentence', () => {
    expect(ownerRuleText({ when: { account: '1', tags: { team: 'x' } }, person: 'ana' })).toBe(
      'account 1 and tag team=x → ana',
    );
  });

  it.each([null, 7, [], {}, { version: 1, rules: 'no', savedBy: 'x', savedAtMs: 1 }])(
    'takes %j for no rule set',
    (kept) => {
      expect(readOwnerRuleSet(kept)).toBeUndefined();
    },
  );
});
