import { currentState } from '../change/apply.js';
import type { Change, ChangeKind } from '../change/change.js';
import { BLOCK_SWITCHES, blocksEverything } from '../change/public-access.js';
import { rawStatements } from '../iam/rightsize/statement.js';
import { isRecord, type Json } from '../json.js';
import { logsDataEvents } from '../usage/logging.js';
import { type Case, noChange, type Plan, type PlanResult, refused } from './model.js';
import { withoutPublic } from './public-statements.js';
import { anonymousCalls } from './store-usage.js';

/** A public store: buckets get a public access block and lose public statements, databases their public address. */
export function planPublicData(the: Case, arn: string): PlanResult {
  if (/^arn:[^:]*:rds:/.test(arn)) return planDatabase(the, arn);
  const policyChange = publicPolicyChange(the, arn);
  const anonymous = anonymousCalls(the.usage, arn);
  if (anonymous > 0) {
    return refused(
      'used-by-everybody',
      `Callers without an identity used ${arn} ${anonymous} times in the window. If it is meant to be public, record an exception; otherwise tell its readers first.`,
    );
  }
  if (!/^arn:[^:]*:s3:::/.test(arn)) {
    if (policyChange !== undefined)
      return planOf(
        the,
        arn,
        [policyChange],
        'public-access',
        'Statements that allow everybody are removed from its policy.',
        readersUnseen(the, arn),
      );
    return noChange('not-public', `${arn} has no policy statement that allows everybody.`);
  }
  const before = stateOf(the, 'public-access-block', arn);
  const changes: Change[] = [];
  if (!blocksEverything(before ?? undefined) || !allOn(before)) {
    const after = Object.fromEntries(BLOCK_SWITCHES.map((name) => [name, true]));
    changes.push({ kind: 'public-access-block', target: { arn }, before, after });
  }
  if (policyChange !== undefined) changes.unshift(policyChange);
  if (changes.length === 0) {
    return noChange('already-fixed', `${arn} has a full public access block and no public statement.`);
  }
  return planOf(
    the,
    arn,
    changes,
    'public-access',
    'Access for everybody is switched off: by policy and by access lists.',
    readersUnseen(the, arn),
  );
}

function readersUnseen(the: Case, arn: string): string[] {
  const service = arn.split(':')[2] ?? '';
  if (logsDataEvents(the.logging, service)) return [];
  return [
    `Data events of ${service} are not declared as logged, so who reads ${arn} without an identity was not seen.`,
  ];
}

function allOn(block: Json): boolean {
  return isRecord(block) && BLOCK_SWITCHES.every((name) => block[name] === true);
}

function publicPolicyChange(the: Case, arn: string): Change | undefined {
  const before = stateOf(the, 'resource-policy', arn);
  if (before === null) return undefined;
  const { document, removed } = withoutPublic(before);
  if (removed === 0) return undefined;
  const after = rawStatements(document).length === 0 ? null : document;
  return { kind: 'resource-policy', target: { arn }, before, after };
}

function planDatabase(the: Case, arn: string): PlanResult {
  const before = stateOf(the, 'database-public-access', arn);
  if (isRecord(before) && before['public'] === false)
    return noChange('already-fixed', `${arn} has no public address.`);
  const change: Change = {
    kind: 'database-public-access',
    target: { arn },
    before,
    after: { public: false },
  };
  return planOf(
    the,
    arn,
    [change],
    'public-access',
    'The public address is taken away; clients inside the network stay connected.',
    ['Connections to a database are not in CloudTrail: clients outside the network were not seen.'],
  );
}

/** A store without encryption at rest is encrypted with the service's own key, so that no reader needs another permission. */
export function planUnencrypted(the: Case, arn: string): PlanResult {
  const before = stateOf(the, 'encryption', arn);
  if (before !== null) return noChange('already-fixed', `${arn} is encrypted at rest already.`);
  const dynamodb = /^arn:[^:]*:dynamodb:/.test(arn);
  const after: Json = { algorithm: dynamodb ? 'aws:kms' : 'AES256' };
  const change: Change = { kind: 'encryption', target: { arn }, before, after };
  return planOf(
    the,
    arn,
    [change],
    'encryption',
    'What is written from now on is encrypted at rest; readers notice nothing.',
    [...(dynamodb ? [] : ['Objects that are there already stay as they are until they are written again.'])],
  );
}

/** A bucket without an access log writes one into the account's log bucket. */
export function planUnlogged(the: Case, arn: string): PlanResult {
  const before = stateOf(the, 'access-logging', arn);
  if (before !== null) return noChange('already-fixed', `${arn} writes an access log already.`);
  const target = logBucketOf(the, arn);
  if (target === undefined) {
    return refused(
      'no-log-bucket',
      `No other bucket of the account looks like a place for access logs (a tag or name with "log"); name one, then draft again.`,
    );
  }
  const after: Json = { target: `${target}/${arn.split(':').at(-1) ?? ''}/` };
  const change: Change = { kind: 'access-logging', target: { arn }, before, after };
  return planOf(
    the,
    arn,
    [change],
    'logging',
    `Each access is written to ${target}; nobody's access changes.`,
    [`The log bucket ${target} must allow logging.s3.amazonaws.com to write.`],
  );
}

function logBucketOf(the: Case, arn: string): string | undefined {
  const own = the.account.resources.get(arn)?.account;
  const names = [...the.account.resources.values()]
    .filter((resource) => resource.type === 'AWS::S3::Bucket' && resource.arn !== arn && !resource.public)
    .filter((resource) => own === undefined || resource.account === own)
    .filter(
      (resource) =>
        /(^|[-_.])(access-?)?logs?($|[-_.])/.test(resource.arn.split(':::').at(-1) ?? '') ||
        resource.tags.get('purpose') === 'logs',
    )
    .map((resource) => resource.arn.split(':::').at(-1) ?? '');
  return names.sort()[0];
}

function stateOf(the: Case, kind: ChangeKind, arn: string): Json {
  return currentState(the.input.account, { kind, target: { arn } });
}

function planOf(
  the: Case,
  arn: string,
  changes: readonly Change[],
  reasonCode: string,
  reason: string,
  blindSpots: readonly string[] = [],
): Plan {
  return {
    kind: 'plan',
    changes,
    removed: reasonCode === 'public-access' ? [{ action: '*', reasonCode, reason }] : [],
    kept: [],
    justification: changes.map((change) => ({
      policy: the.input.finding.subject.name || arn,
      statement: change.kind,
      action: '*',
      why: reason,
    })),
    usedHighRisk: [],
    blindSpots,
  };
}
