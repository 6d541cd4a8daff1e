import { describe, expect, it } from '@jest/globals';
import { applyChanges } from '../../../domain/change/apply.js';
import { ADMIN, allow, documentOf, draftOf, findingOf, fix, ROLE, role, USER, used } from './support.js';

const account = { RoleDetailList: [role(ROLE, { inline: documentOf(allow('s3:*')) })] };

describe('an unused role', () => {
  it('is disabled first, and deleted when it is still not missed', () => {
    const draft = draftOf(fix('unused-identity', account, []));
    expect(draft.changes).toEqual([
      { kind: 'role', target: { principal: ROLE }, before: { disabled: false }, after: { disabled: true } },
    ]);
    expect(draft.proof.noNewAccess.map((each) => each.verdict)).toEqual(['PASS']);
    expect(draft.riskAfter.value).toBeLessThan(draft.riskBefore.value);
    expect(draft.justification.map((each) => each.why).join(' ')).toContain('Delete App as a second change');
    const disabled = applyChanges(account, draft.changes);
    const second = draftOf(fix('unused-identity', disabled, []));
    expect(second.changes.at(-1)).toMatchObject({ kind: 'role', after: null });
    expect(second.proof.noNewAccess.map((each) => each.verdict)).toEqual(['PASS']);
    expect(applyChanges(disabled, second.changes).RoleDetailList).toEqual([]);
  });

  it.each([
    ['its own calls', account, [used(ROLE, 's3:GetObject')]],
    ['calls without a principal', account, [used(undefined, 's3:GetObject')]],
    [
      'IAM’s own date',
      { RoleDetailList: [{ ...role(ROLE, {}), RoleLastUsed: { LastUsedDate: '2026-06-01T00:00:00Z' } }] },
      [],
    ],
  ])('is not unused when %s say otherwise', (_, given, usage) => {
    expect(fix('unused-identity', given, usage)).toMatchObject({
      kind: 'no-change',
      reasonCode: 'identity-used',
    });
  });

  it('is unused when its calls were refused, or were others’', () => {
    const usage = [used(ROLE, 's3:GetObject', undefined, { outcome: 'denied' }), used(ADMIN, 's3:GetObject')];
    expect(fix('unused-identity', account, usage).kind).toBe('draft');
  });
});

describe('an unused access key', () => {
  const keyed = (Status?: string) => ({
    UserDetailList: [
      {
        Arn: USER,
        UserName: 'ann',
        ...(Status === undefined ? {} : { AccessKeyMetadata: [{ AccessKeyId: 'AKIAEXAMPLE', Status }] }),
      },
    ],
  });
  const finding = findingOf('unused-credential', {
    subject: { type: 'credential', id: USER, name: 'ann', credentialId: 'AKIAEXAMPLE' },
  });
  const signed = (accessKeyId: string) => ({
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    eventTime: '2026-05-01T00:00:00Z',
    userIdentity: { type: 'IAMUser', arn: USER, accessKeyId },
  });

  it.each([
    ['is deactivated first', 'Active', { status: 'Inactive' }],
    ['is deactivated when nobody listed the keys', undefined, { status: 'Inactive' }],
    ['is deleted when it is inactive', 'Inactive', null],
  ])('%s', (_, status, after) => {
    const draft = draftOf(fix('unused-credential', keyed(status), [signed('AKIAOTHER')], { finding }));
    expect(draft.changes).toMatchObject([
      { kind: 'access-key', target: { principal: USER, name: 'AKIAEXAMPLE' }, after },
    ]);
    expect(draft.proof.noNewAccess).toEqual([
      expect.objectContaining({ of: USER, method: 'setting', verdict: 'PASS' }),
    ]);
  });

  it('is not unused when a record was signed with it', () => {
    expect(
      fix('unused-credential', keyed('Active'), [{ Records: [signed('AKIAEXAMPLE')] }], { finding }),
    ).toMatchObject({ kind: 'no-change', reasonCode: 'credential-used' });
  });

  it('needs its id', () => {
    const nameless = findingOf('unused-credential', {
      subject: { type: 'credential', id: USER, name: 'ann' },
    });
    expect(fix('unused-credential', keyed('Active'), [], { finding: nameless })).toMatchObject({
      kind: 'refused',
      reasonCode: 'credential-unknown',
    });
  });
});

describe('an escalation path', () => {
  const admin = role(ADMIN, { all: documentOf(allow('*')) });
  const start = (actions: string[]) => ({
    RoleDetailList: [role(ROLE, { inline: documentOf(allow(actions)) }), admin],
  });
  const LAMBDA = ['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'];

  it('is broken by taking away PassRole, which right-sizing alone would keep', () => {
    const draft = draftOf(
      fix('escalation-path', start([...LAMBDA, 'sqs:ListQueues']), [used(ROLE, 'sqs:ListQueues')]),
    );
    expect(draft.changes[0]?.after).toEqual(documentOf(allow(['sqs:ListQueues'])));
    expect(draft.proof.paths?.closed.map((path) => path.technique)).toContain('lambda-001');
    expect(draft.removed.find((each) => each.action === 'iam:PassRole')).toMatchObject({
      reasonCode: 'breaks-path',
    });
  });

  it('keeps PassRole when a used call needs it, and breaks the path elsewhere', () => {
    const usage = [used(ROLE, 'lambda:CreateFunction')];
    const draft = draftOf(fix('escalation-path', start(LAMBDA), usage));
    expect(JSON.stringify(draft.changes[0]?.after)).toContain('iam:PassRole');
    expect(JSON.stringify(draft.changes[0]?.after)).not.toContain('lambda:InvokeFunction');
  });

  it('is a person’s to decide when every permission on it is used', () => {
    const usage = [...LAMBDA.slice(1).map((action) => used(ROLE, action)), used(ROLE, 'iam:PassRole')];
    expect(fix('escalation-path', start(LAMBDA), usage)).toMatchObject({
      kind: 'refused',
      reasonCode: 'path-needs-used-permissions',
    });
  });

  it('is a false alarm when there is none', () => {
    expect(fix('escalation-path', start(['sqs:ListQueues']), [])).toMatchObject({
      kind: 'no-change',
      reasonCode: 'already-fixed',
    });
  });
});
