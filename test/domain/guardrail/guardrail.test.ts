import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FreezeCalendar, freezeAt } from '../../../domain/guardrail/freezes.js';
import { EMPTY_NEVER_TOUCH, neverTouchReason } from '../../../domain/guardrail/never-touch.js';
import { readVerdict } from '../../../domain/guardrail/verdict.js';
import { matchesStars } from '../../../domain/text/star-pattern.js';

const identity = (name: string, tags: Record<string, string> = {}, path = '') => ({
  arn: `arn:aws:iam::111122223333:role/${path}${name}`,
  name,
  tags,
});

describe('never touch', () => {
  it.each<[subject: ReturnType<typeof identity>, reason: RegExp | null]>([
    [identity('app-orders', { team: 'orders' }), null],
    [identity('AWSServiceRoleForECS', {}, 'aws-service-role/ecs.amazonaws.com/'), /service-linked/],
    [identity('renamed', {}, 'aws-service-role/ecs.amazonaws.com/'), /service-linked/],
    [identity('AWSReservedSSO_Admin_1', {}, 'aws-reserved/sso.amazonaws.com/eu-west-1/'), /Identity Center/],
    [identity('Ops-BreakGlass'), /break-glass/],
    [identity('ops', { 'Break-Glass': 'TRUE' }), /break-glass/],
    [identity('ops', { 'break-glass': 'false' }), null],
    [identity('OrganizationAccountAccessRole'), /management account/],
    [identity('WizAccess-Role'), /security platform/],
    [identity('svc', { vendor: 'acme' }), /security platform/],
    [identity('dr-failover-eu'), /disaster/],
    [{ arn: 'arn:aws:iam::111122223333:root', name: 'root', tags: {} }, /root user/],
  ])('%j', (subject, reason) => {
    const found = neverTouchReason(subject, EMPTY_NEVER_TOUCH);
    if (reason === null) expect(found).toBeNull();
    else expect(found).toMatch(reason);
  });

  it("takes the organisation's own rules, and its exceptions from the built-in ones only where the cloud would follow", () => {
    const glass = identity('break-glass-legacy');
    const linked = identity('AWSServiceRoleForX');
    const list = {
      rules: [{ reason: 'payroll', names: ['pay-*'] }],
      except: [glass, linked, identity('pay-1')].map(({ arn }) => ({ arn, reason: 'r' })),
    };
    expect(neverTouchReason(glass, list)).toBeNull();
    expect(neverTouchReason(linked, list)).toMatch(/service-linked/);
    expect(neverTouchReason(identity('pay-1'), list)).toBe('payroll');
  });

  it('matches patterns as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 12 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(text, plain, (pattern, subject) => {
        expect(matchesStars(pattern, subject)).toBe(
          new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`).test(subject),
        );
      }),
    );
  });
});

describe('freezes', () => {
  const friday = Date.UTC(2026, 10, 27, 17);
  const calendars: FreezeCalendar[] = [
    {
      name: 'Black Friday',
      fromMs: Date.UTC(2026, 10, 27),
      toMs: Date.UTC(2026, 10, 28),
      environments: ['production'],
    },
    { name: 'week end', weekly: [{ day: 5, fromMinute: 960, toMinute: 1440 }], accounts: ['1'] },
  ];
  it.each<[name: string, at: Parameters<typeof freezeAt>[1], freeze: string | null]>([
    [
      'the environment that is named',
      { account: '2', environment: 'production', nowMs: friday },
      'Black Friday',
    ],
    ['another environment', { account: '2', environment: 'development', nowMs: friday }, null],
    [
      'an environment that nobody knows',
      { account: '2', environment: 'unknown', nowMs: friday },
      'Black Friday',
    ],
    [
      'the account that is named, in its hours',
      { account: '1', environment: 'development', nowMs: friday },
      'week end',
    ],
    ['an account that nobody knows', { environment: 'development', nowMs: friday }, 'week end'],
    [
      'the account that is named, earlier that day',
      { account: '1', environment: 'development', nowMs: friday - 7_200_000 },
      null,
    ],
    [
      'the moment of the end',
      { account: '2', environment: 'production', nowMs: Date.UTC(2026, 10, 28) },
      null,
    ],
    ['the next day', { account: '1', environment: 'production', nowMs: friday + 86_400_000 }, null],
  ])('%s', (_name, at, freeze) => {
    expect(freezeAt(calendars, at)).toBe(freeze);
  });
});

describe('reading a verdict', () => {
  it('says yes to nothing but a clear yes', () => {
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        const { allow, reasons } = readVerdict(answer);
        expect(allow).toBe(false);
        expect(reasons.length).toBeGreaterThan(0);
      }),
    );
    expect(readVerdict({ allow: true, reasons: [], policySet: 'p' })).toEqual({
      allow: true,
      reasons: [],
      policySet: 'p',
    });
    expect(readVerdict({ allow: false, reasons: [], policySet: 'p' }).reasons).toEqual([
      'the policy engine did not say yes',
    ]);
  });
});
