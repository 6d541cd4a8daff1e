import { describe, expect, it } from '@jest/globals';
import { parseAccount, principalsAttachedTo, resolvePrincipal } from '../../../domain/graph/account.js';

const ALLOW = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
};
const ARN = 'arn:aws:iam::111122223333';
const POLICY = `${ARN}:policy/read`;

const input = {
  UserDetailList: [
    {
      Arn: `${ARN}:user/ann`,
      UserName: 'ann',
      UserId: 'AIDA1',
      GroupList: ['dev'],
      UserPolicyList: [{ PolicyName: 'own', PolicyDocument: encodeURIComponent(JSON.stringify(ALLOW)) }],
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: POLICY },
    },
  ],
  GroupDetailList: [
    {
      Arn: `${ARN}:group/dev`,
      GroupName: 'dev',
      AttachedManagedPolicies: [{ PolicyName: 'read', PolicyArn: POLICY }],
    },
  ],
  RoleDetailList: [
    {
      Arn: `${ARN}:role/app/web`,
      RoleName: 'web',
      AssumeRolePolicyDocument: JSON.stringify(ALLOW),
      AttachedManagedPolicies: [
        { PolicyName: 'AdministratorAccess', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
        { PolicyName: 'Mystery', PolicyArn: 'arn:aws:iam::aws:policy/Mystery' },
      ],
      InstanceProfileList: [{ Arn: `${ARN}:instance-profile/web` }],
    },
  ],
  Policies: [
    {
      Arn: POLICY,
      PolicyName: 'read',
      DefaultVersionId: 'v2',
      PolicyVersionList: [
        { VersionId: 'v1', IsDefaultVersion: false, Document: { Statement: [] } },
        { VersionId: 'v2', IsDefaultVersion: true, Document: ALLOW },
      ],
    },
  ],
  resources: [
    { arn: 'arn:aws:s3:::pii', type: 'AWS::S3::Bucket', sensitivity: 'high' },
    {
      arn: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1',
      type: 'AWS::EC2::Instance',
      instanceProfile: 'web',
    },
    { arn: 'arn:aws:s3:::open', sensitivity: 'public', public: true },
  ],
  credentialReport: [
    'user,arn,password_enabled,access_key_1_active,access_key_1_last_rotated,access_key_2_active,access_key_2_last_rotated',
    `ann,${ARN}:user/ann,true,false,2024-01-01T00:00:00+00:00,false,N/A`,
  ].join('\n'),
};

describe('parseAccount', () => {
  const account = parseAccount(input);
  it('decodes URL-encoded and textual documents', () => {
    expect(account.principals.get(`${ARN}:user/ann`)?.documents.map((held) => held.document)).toEqual([
      ALLOW,
      ALLOW,
    ]);
    expect(account.principals.get(`${ARN}:role/app/web`)?.trust).toEqual(ALLOW);
  });
  it('gives a user the documents of its groups and its boundary, by the default version', () => {
    const ann = account.principals.get(`${ARN}:user/ann`);
    expect(ann?.documents[1]).toEqual({
      name: 'read',
      arn: POLICY,
      kind: 'customer',
      group: `${ARN}:group/dev`,
      document: ALLOW,
    });
    expect(ann?.boundary).toEqual({ arn: POLICY, document: ALLOW });
    expect(account.groups.get(`${ARN}:group/dev`)?.members).toEqual([`${ARN}:user/ann`]);
  });
  it('knows AdministratorAccess, and names what it does not know', () => {
    const web = account.principals.get(`${ARN}:role/app/web`);
    expect(web?.documents).toHaveLength(1);
    expect(web?.unknownPolicies).toEqual(['arn:aws:iam::aws:policy/Mystery']);
  });
  it('resolves instance profiles, buckets without account, sensitivity', () => {
    expect(account.resources.get('arn:aws:ec2:eu-west-1:111122223333:instance/i-1')?.role).toBe(
      `${ARN}:role/app/web`,
    );
    expect(account.resources.get('arn:aws:s3:::pii')).toMatchObject({
      account: '111122223333',
      sensitive: true,
    });
    expect(account.resources.get('arn:aws:s3:::open')).toMatchObject({ sensitive: false, public: true });
  });
  it('counts keys that exist, active or not', () => {
    expect(account.credentials.get(`${ARN}:user/ann`)).toEqual({ password: true, accessKeys: 1 });
  });
  it('finds the direct holders of a managed policy', () => {
    expect(principalsAttachedTo(account, POLICY)).toEqual([`${ARN}:group/dev`]);
  });
  it('takes a session for its role', () => {
    expect(resolvePrincipal(account, 'arn:aws:sts::111122223333:assumed-role/web/s')?.arn).toBe(
      `${ARN}:role/app/web`,
    );
    expect(resolvePrincipal(account, 'arn:aws:sts::999922223333:assumed-role/web/s')).toBeUndefined();
  });
  it('reads several accounts, each with its own organisation policies', () => {
    const two = parseAccount({
      accounts: [
        { ...input, scps: [[ALLOW]] },
        { RoleDetailList: [{ Arn: 'arn:aws:iam::999922223333:role/x' }] },
      ],
    });
    expect(two.ids).toEqual(['111122223333', '999922223333']);
    expect(two.organisation.get('111122223333')).toEqual({ scps: [[ALLOW]] });
    expect(two.organisation.get('999922223333')).toEqual({});
  });
  it.each([
    [null, '/'],
    [{ UserDetailList: {} }, '/UserDetailList'],
    [{ UserDetailList: [{ Arn: 'ann' }] }, '/UserDetailList/0/Arn'],
    [{ UserDetailList: [{ Arn: `${ARN}:user/a`, GroupList: ['gone'] }] }, '/UserDetailList/0/GroupList/0'],
    [
      { RoleDetailList: [{ Arn: `${ARN}:role/a`, AssumeRolePolicyDocument: '%7B' }] },
      '/RoleDetailList/0/AssumeRolePolicyDocument',
    ],
    [{ scps: [ALLOW] }, '/scps/0'],
    [{ accounts: [{}, { resources: [{ arn: 5 }] }] }, '/accounts/1/resources/0/arn'],
  ])('says where %j is wrong', (bad, pointer) => {
    expect(() => parseAccount(bad)).toThrow(expect.objectContaining({ pointer }));
  });
});
