import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NoAccount, type ReadAccounts, readAccounts } from '../../../bin/analyse/read-account.js';
import { parseAccount } from '../../../domain/graph/account.js';
import { ACCOUNT, folderOf, role, statement } from '../../support/analysis.js';

let remove: (() => Promise<void>) | undefined;
afterEach(async () => remove?.());

async function read(files: Readonly<Record<string, unknown>>): Promise<ReadAccounts> {
  const written = Object.fromEntries(
    Object.entries(files).map(([name, value]) => [
      name,
      typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value),
    ]),
  );
  const folder = await folderOf(written);
  remove = folder.remove;
  return readAccounts(folder.path);
}

const readOnly = {
  Arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
  PolicyName: 'ReadOnlyAccess',
  DefaultVersionId: 'v1',
  PolicyVersionList: [
    { VersionId: 'v1', IsDefaultVersion: true, Document: statement({ Action: 's3:Get*', Resource: '*' }) },
  ],
};

describe('reading accounts', () => {
  it('puts pages together, also the last one with AWS’s own policies only', async () => {
    const attached = { AttachedManagedPolicies: [{ PolicyArn: readOnly.Arn }] };
    const { accounts, notes, faults } = await read({
      '1.json': { RoleDetailList: [role('a', ['s3:GetObject'])], IsTruncated: true, Marker: 'm' },
      '2.json': { RoleDetailList: [role('b', ['sqs:*'], attached)], IsTruncated: true, Marker: 'n' },
      '3.json': { Policies: [readOnly], IsTruncated: false },
    });
    expect([notes, faults]).toEqual([[], []]);
    const [account] = accounts.map(({ input }) => parseAccount(input));
    expect([...(account?.principals.values() ?? [])].map(({ name }) => name)).toEqual(['a', 'b']);
    expect(account?.principals.get(`arn:aws:iam::${ACCOUNT}:role/b`)?.unknownPolicies).toEqual([]);
  });

  it.each([
    ['the API', { IsTruncated: true, Marker: 'm' }],
    ['the command line', { NextToken: 'x' }],
  ])('says so when the last page is missing, as %s marks it', async (_, mark) => {
    const { notes } = await read({ 'a.json': { RoleDetailList: [role('a', ['s3:*'])], ...mark } });
    expect(notes).toEqual([expect.stringContaining('the last ones are missing')]);
  });

  it('takes URL-encoded documents, gzip, folders by account, credential reports and logging', async () => {
    const encoded = encodeURIComponent(JSON.stringify(statement({ Action: 'sqs:*', Resource: '*' })));
    const other = '444455556666';
    const { accounts, faults, trail } = await read({
      [`${ACCOUNT}/account.json.gz`]: gzipSync(
        JSON.stringify({
          RoleDetailList: [role('a', [], { RolePolicyList: [{ PolicyName: 'p', PolicyDocument: encoded }] })],
        }),
      ),
      [`${ACCOUNT}/logging.json`]: { management: true, data: ['s3'] },
      [`${ACCOUNT}/AWSLogs/x.json`]: { Records: [] },
      [`${other}/auth.json`]: {
        UserDetailList: [{ Arn: `arn:aws:iam::${other}:user/u`, UserName: 'u' }],
      },
      [`${other}/report.csv`]: `user,arn,password_enabled,access_key_1_active\nu,arn:aws:iam::${other}:user/u,true,true\n`,
    });
    expect([faults, trail]).toEqual([[], true]);
    expect(accounts.map(({ id, logging }) => [id, logging])).toEqual([
      [ACCOUNT, { management: true, data: ['s3'] }],
      [other, undefined],
    ]);
    const parsed = accounts.map(({ input }) => parseAccount(input));
    expect(parsed[0]?.principals.size).toBe(1);
    expect([...(parsed[1]?.credentials.values() ?? [])]).toEqual([{ password: true, accessKeys: 1 }]);
  });

  it('names what cannot be read, with place and reason, and goes on with the rest', async () => {
    const bad = role('bad', [], {
      RolePolicyList: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: [{}] } }],
    });
    const { accounts, faults } = await read({
      'account.json': { RoleDetailList: [role('a', ['s3:*']), bad, { RoleName: 'no-arn' }, 7] },
      'broken.json': '{\n  "RoleDetailList": [}\n',
      'cut.json': '{"RoleDetailList": [{"Arn": "arn',
      'damaged.json.gz': Buffer.from([0x1f, 0x8b, 1, 2, 3]),
      'empty.json': '',
      'other.json': { hello: 1 },
      'nobody.json': { RoleDetailList: [{ Arn: 5 }] },
      'other.csv': 'a,b\n1,2\n',
    });
    expect(accounts[0]?.input.RoleDetailList).toHaveLength(1);
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ file: 'broken.json', place: 'line 2, column 22' }),
        expect.objectContaining({ file: 'cut.json', reason: expect.stringContaining('cut off') }),
        expect.objectContaining({ file: 'damaged.json.gz', reason: expect.stringContaining('gzip') }),
        expect.objectContaining({ file: 'empty.json', reason: expect.stringContaining('empty') }),
        expect.objectContaining({ file: 'other.json', reason: expect.stringContaining('not an account') }),
        expect.objectContaining({ file: 'nobody.json', reason: expect.stringContaining('no ARN') }),
        expect.objectContaining({ file: 'other.csv' }),
        expect.objectContaining({
          file: 'account.json',
          place: expect.stringContaining('/RoleDetailList/1/'),
          reason: expect.stringMatching(/role\/bad is left out$/),
        }),
        expect.objectContaining({ file: 'account.json', place: '/RoleDetailList/2/Arn' }),
        expect.objectContaining({ file: 'account.json', place: '/RoleDetailList/3' }),
      ]),
    );
    expect(faults).toHaveLength(10);
  });

  it('does not judge a user by half of its policies: a group that cannot be read takes its members along', async () => {
    const group = {
      Arn: `arn:aws:iam::${ACCOUNT}:group/g`,
      GroupName: 'g',
      GroupPolicyList: [{ PolicyName: 'p', PolicyDocument: 'nonsense' }],
    };
    const user = { Arn: `arn:aws:iam::${ACCOUNT}:user/u`, UserName: 'u', GroupList: ['g'] };
    const { accounts, faults } = await read({
      'a.json': { UserDetailList: [user], GroupDetailList: [group], RoleDetailList: [role('a', ['s3:*'])] },
    });
    expect(accounts[0]?.input.UserDetailList).toEqual([]);
    expect(faults.map(({ place }) => place)).toEqual([
      '/GroupDetailList/0/GroupPolicyList/0/PolicyDocument',
      '/UserDetailList/0/GroupList/0',
    ]);
  });

  it('refuses a folder without any account, with what is wrong in it', async () => {
    const refused = await read({ 'a.json': '[' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NoAccount);
    expect((refused as NoAccount).faults).toHaveLength(1);
    expect((refused as NoAccount).message).toContain('get-account-authorization-details');
  });
});
