import { describe, expect, it } from '@jest/globals';
import { isInside, mineResources } from '../../../domain/iam/rightsize/mine.js';
import { allow, documentOf, statementsOf, used } from './support.js';

const TABLES = 'arn:aws:dynamodb:eu-west-1:123456789012:table/';

describe('mining resources', () => {
  it.each<[string, string[], string[], string[] | undefined]>([
    [
      'objects of one folder',
      ['arn:aws:s3:::b/in/a/1', 'arn:aws:s3:::b/in/b/2'],
      ['*'],
      ['arn:aws:s3:::b/in/*'],
    ],
    ['one object', ['arn:aws:s3:::b/in/1'], ['*'], ['arn:aws:s3:::b/in/*']],
    [
      'objects without a folder in common',
      ['arn:aws:s3:::b/x/1', 'arn:aws:s3:::b/y/1'],
      ['*'],
      ['arn:aws:s3:::b/*'],
    ],
    [
      'folder names are not cut',
      ['arn:aws:s3:::b/in-a/1', 'arn:aws:s3:::b/in-b/1'],
      ['*'],
      ['arn:aws:s3:::b/*'],
    ],
    [
      'a bucket beside its objects',
      ['arn:aws:s3:::b', 'arn:aws:s3:::b/in/1'],
      ['arn:aws:s3:::*'],
      ['arn:aws:s3:::b', 'arn:aws:s3:::b/in/*'],
    ],
    ['few names are listed', [`${TABLES}a`, `${TABLES}b`], ['*'], [`${TABLES}a`, `${TABLES}b`]],
    [
      'many names share a prefix',
      Array.from({ length: 11 }, (_, i) => `${TABLES}app-${i}`),
      ['*'],
      [`${TABLES}app-*`],
    ],
    [
      'many names without one',
      Array.from({ length: 11 }, (_, i) => `${TABLES}${i}-app`),
      ['*'],
      [`${TABLES}*`],
    ],
    [
      'made-up ids are not listed',
      ['arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0'],
      ['*'],
      ['arn:aws:ec2:eu-west-1:123456789012:instance/*'],
    ],
    [
      'never wider than the pattern that is there',
      ['arn:aws:s3:::b/in/1.csv', 'arn:aws:s3:::b/in/2.csv'],
      ['arn:aws:s3:::b/in/*.csv'],
      ['arn:aws:s3:::b/in/*.csv'],
    ],
    [
      'what lies outside is left out',
      ['arn:aws:s3:::b/in/1', 'arn:aws:s3:::c/1'],
      ['arn:aws:s3:::b/*'],
      ['arn:aws:s3:::b/in/*'],
    ],
    ['nothing inside', ['arn:aws:s3:::c/1'], ['arn:aws:s3:::b/*'], undefined],
    ['a variable in the way', ['arn:aws:s3:::b/1'], [`arn:aws:s3:::$\{aws:username}/*`], undefined],
    ['a name that is a pattern', ['arn:aws:s3:::b/a*'], ['*'], undefined],
  ])('%s', (_, seen, present, expected) => {
    expect(mineResources(seen, present, 'prefix')).toEqual(expected);
  });

  it('lists exactly what was seen when asked to', () => {
    expect(mineResources(['arn:aws:s3:::b/1', 'arn:aws:s3:::b/2'], ['*'], 'exact')).toEqual([
      'arn:aws:s3:::b/1',
      'arn:aws:s3:::b/2',
    ]);
  });

  it.each([
    ['a/*', 'a/*', true],
    ['a/b/*', 'a/*', true],
    ['a/*', 'a/b*', false],
    ['a*', 'a?*', false],
    ['a??', 'a*', true],
    ['a*', 'a???', false],
    ['anything', '*', true],
  ])('%s inside %s: %s', (inner, outer, expected) => {
    expect(isInside(inner, outer)).toBe(expected);
  });
});

describe('narrowing statements', () => {
  const GET = used('s3:GetObject', 'arn:aws:s3:::b/in/1');

  it('splits off what the log cannot narrow, next to the rest and with a sid of its own', () => {
    const document = documentOf(
      allow(['s3:GetObject', 'iam:PassRole'], '*', { Sid: 'A' }),
      allow('sqs:ListQueues', '*', { Sid: 'ARest' }),
    );
    expect(statementsOf(document, [GET, used('sqs:ListQueues')], { resources: 'prefix' })).toEqual([
      allow(['s3:GetObject'], 'arn:aws:s3:::b/in/*', { Sid: 'A' }),
      allow(['iam:PassRole'], '*', { Sid: 'ARest2' }),
      allow('sqs:ListQueues', '*', { Sid: 'ARest' }),
    ]);
  });

  it('holds each action to its own resources where that takes few statements', () => {
    const document = documentOf(allow(['s3:GetObject', 's3:DeleteObject'], 'arn:aws:s3:::*'));
    expect(
      statementsOf(document, [GET, used('s3:DeleteObject', 'arn:aws:s3:::tmp/1')], { resources: 'exact' }),
    ).toEqual([
      allow(['s3:GetObject'], 'arn:aws:s3:::b/in/1'),
      allow(['s3:DeleteObject'], 'arn:aws:s3:::tmp/1'),
    ]);
  });

  it.each<[string, readonly unknown[], object]>([
    ['a use that does not name its resource', [GET, used('s3:GetObject')], {}],
    ['data events that are not logged', [GET], { logging: { management: true, data: [] } }],
  ])('leaves resources alone after %s', (_, usage, options) => {
    expect(
      statementsOf(documentOf(allow('s3:GetObject')), usage, { resources: 'prefix', ...options }),
    ).toEqual([allow('s3:GetObject')]);
  });

  it('leaves the resources of a call alone that is authorised on several', () => {
    const usage = [used('ec2:RunInstances', 'arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1')];
    expect(statementsOf(documentOf(allow('ec2:RunInstances')), usage, { resources: 'exact' })).toEqual([
      allow('ec2:RunInstances'),
    ]);
  });

  it('leaves an action without resource types on everything', () => {
    const usage = [used('ec2:DescribeInstances', 'arn:aws:ec2:eu-west-1:123456789012:instance/i-1')];
    expect(statementsOf(documentOf(allow('ec2:DescribeInstances')), usage, { resources: 'exact' })).toEqual([
      allow('ec2:DescribeInstances'),
    ]);
  });

  it('leaves a NotResource alone', () => {
    const statement = { Effect: 'Allow', Action: 's3:GetObject', NotResource: 'arn:aws:s3:::secret/*' };
    expect(statementsOf(documentOf(statement), [GET], { resources: 'prefix' })).toEqual([statement]);
  });
});
