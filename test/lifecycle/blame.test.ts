import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBlame } from '../../activities/lifecycle/blame.js';
import { HOME } from '../support/organisation.js';
import { approve, openProduct, type Product, playUntilAsked, unique } from '../support/product.js';

let product: Product;
let role: string;
let changeId: string;
let key: string;
beforeAll(async () => {
  product = await openProduct();
  const life = await product.begin({ name: unique('blamed') });
  changeId = await approve(product, await playUntilAsked(product, life));
  await product.activities.apply({ changeId });
  ({ role, key } = life);
}, 60_000);
afterAll(() => product.close());

const blame = (about: string) => createBlame(product.ports)(about);
const denied = (action: string, more = 'because no identity-based policy allows the action') =>
  `User: arn:aws:sts::${HOME}:assumed-role/${role.split('/').at(-1)}/i-1 is not authorized to perform: ${action} on resource: "arn:aws:s3:::app-bucket/work/x.json" ${more}`;

describe('blame', () => {
  it('finds the change that took a request away, and who approved it', async () => {
    const report = await blame(denied('s3:DeleteObject'));
    expect(report.blame).toMatchObject({ verdict: 'yes', code: 'took-away' });
    expect(report.arns).toContain(role);
    expect(report.changes).toMatchObject([
      {
        id: changeId,
        status: 'applied',
        findingKey: key,
        approvals: [{ personId: 'priya.raman', name: 'Priya Raman', atMs: expect.any(Number) }],
        appliedAtMs: expect.any(Number),
        blame: { verdict: 'yes' },
      },
    ]);
  });

  it.each<[what: string, action: string, more: string | undefined, code: string]>([
    ['what is still allowed', 's3:GetObject', undefined, 'allowed'],
    ['what was never allowed', 'iam:CreateUser', undefined, 'untouched'],
    [
      'what AWS lays on another policy',
      's3:DeleteObject',
      'with an explicit deny in a service control policy',
      'elsewhere',
    ],
  ])('lays nothing on it for %s', async (_what, action, more, code) => {
    expect((await blame(denied(action, more))).blame).toMatchObject({ verdict: 'no', code });
  });

  it.each([
    ['a role', () => role],
    ['a session of it', () => `arn:aws:sts::${HOME}:assumed-role/${role.split('/').at(-1)}/i-1`],
  ])('lists what was changed at %s', async (_what, about) => {
    const report = await blame(about());
    expect(report.blame).toBeUndefined();
    expect(report.changes.map(({ id }) => id)).toEqual([changeId]);
  });

  it('has nothing to say of an account that is not ours, and says so', async () => {
    const report = await blame(
      'User: arn:aws:iam::999999999999:user/x is not authorized to perform: s3:ListAllMyBuckets',
    );
    expect(report).toMatchObject({ blame: { verdict: 'no', code: 'none' }, changes: [] });
  });

  it('looks nothing up for a text that it cannot read', async () => {
    expect(await blame('Access Denied')).toMatchObject({ question: { kind: 'unreadable' }, changes: [] });
  });
});
