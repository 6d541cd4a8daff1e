import type { Case } from './cases.js';
import { allow, policy, type Written } from './statements.js';

const name = '$'.concat('{aws:username}');
const team = '$'.concat("{aws:PrincipalTag/team, 'none'}");
const home = (path: string, condition: Parameters<typeof allow>[2] = {}): Written =>
  policy(allow('s3:*', `arn:aws:s3:::h/${path}`, condition));
const user = (...names: string[]) => ({ StringEquals: { 'aws:username': names } });
const tagged = (...values: string[]): Written =>
  policy(allow('s3:*', '*', { StringEquals: { 'aws:ResourceTag/owner': values } }));
const noTeam = { Null: { 'aws:PrincipalTag/team': 'true' } };

/** Policy variables: the same on both sides, the only value that their key can have, their default. */
export const VARIABLES: readonly Case[] = [
  ['a folder in a home', home(`${name}/docs/*`), home(`${name}/*`), 'PASS'],
  ['every home', home('*'), home(`${name}/*`), 'FAIL'],
  ['the home of the one user', home('alice/*', user('alice')), home(`${name}/*`), 'PASS'],
  ['the one user’s home by name', home(`${name}/*`, user('alice')), home('alice/*'), 'PASS'],
  ['another user’s home', home(`${name}/*`, user('bob')), home('alice/*'), 'FAIL'],
  ['one of two users', home(`${name}/*`, user('alice', 'bob')), home('alice/*'), 'FAIL'],
  ['a default where the tag may be there', home('none/*'), home(`${team}/*`), 'FAIL'],
  ['a default where the tag is missing', home('none/*', noTeam), home(`${team}/*`), 'PASS'],
  ['another default', home('some/*', noTeam), home(`${team}/*`), 'FAIL'],
  ['a variable within any value', tagged(name), tagged(name, 'x'), 'PASS'],
  ['a value for a variable', tagged('alice'), tagged(name), 'FAIL'],
  [
    'a name with a colon, which is in no region',
    policy(allow('sqs:*', `arn:aws:sqs:${name}:111122223333:q`, user('a:b'))),
    policy(allow('sqs:*', 'arn:aws:sqs:a:b:111122223333:q')),
    'PASS',
  ],
];
