import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../../../../client/cli/engine/digest.js';
import { draft } from '../../../../client/cli/engine/draft.js';
import { pathsFix } from '../../../../client/cli/engine/paths-fix.js';
import { policyCheck } from '../../../../client/cli/engine/policy-check.js';
import { policyRightsize } from '../../../../client/cli/engine/policy-rightsize.js';
import { proofVerify } from '../../../../client/cli/engine/proof-verify.js';
import { techniqueById } from '../../../../domain/graph/techniques.js';
import { canonicalJson, isRecord } from '../../../../domain/json.js';
import { ATTACKER_ROLE as FROM, minimalAccount } from '../../../domain/graph/minimal-account.js';

type Raw = Record<string, unknown>;
const json = (value: unknown): Raw => JSON.parse(JSON.stringify(value)) as Raw;
const policyOf = (...Statement: Raw[]): Raw => ({ Version: '2012-10-17', Statement });
const allow = (Action: unknown, more: Raw = {}): Raw => ({ Effect: 'Allow', Action, Resource: '*', ...more });

const ROLE = 'arn:aws:iam::111122223333:role/app/worker';

function event(eventName: string, more: Raw = {}): Raw {
  return {
    eventVersion: '1.09',
    eventSource: 's3.amazonaws.com',
    eventName,
    eventTime: '2026-05-04T10:00:00Z',
    awsRegion: 'eu-west-1',
    recipientAccountId: '111122223333',
    requestParameters: { bucketName: 'data', key: 'in/1.csv' },
    userIdentity: {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::111122223333:assumed-role/worker/s',
      sessionContext: { sessionIssuer: { arn: ROLE } },
    },
    ...more,
  };
}

const DENY = { ...allow('s3:PutObject'), Effect: 'Deny' };

/** A line of each kind with what its command answers. */
const CHECK = {
  policyType: 'resource',
  reference: policyOf(allow('s3:Get*', { Principal: { AWS: '111122223333' } })),
  candidate: policyOf(allow('s3:GetObject', { Principal: { AWS: ROLE } })),
};
const SIZE = {
  principal: ROLE,
  policies: [
    { name: 'app', managed: 'inline', document: policyOf(allow(['s3:*', 'sqs:*'])) },
    {
      name: 'shared',
      arn: 'arn:aws:iam::111122223333:policy/shared',
      managed: 'customer',
      attachedTo: [ROLE, 'arn:aws:iam::111122223333:user/ann'],
      document: policyOf(allow('s3:*'), DENY),
    },
  ],
  usage: [
    { Records: [event('GetObject'), event('HeadObject'), event('PutObject', { errorCode: 'AccessDenied' })] },
    event('ListObjects', { requestParameters: { bucketName: 'data' } }),
    event('GetObject', { userIdentity: { type: 'AWSService', invokedBy: 'config.amazonaws.com' } }),
    event('MakeCoffee'),
    event('GetObject', { userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/bob' } }),
    {
      principal: 'arn:aws:iam::111122223333:user/ann',
      action: 's3:GetObject',
      count: 7,
      lastUsed: '2026-05-01',
    },
    { action: 'ec2:RunInstances', count: 2, outcome: 'ok' },
    { action: 'sqs:SendMessage', count: -1 },
    'garbage',
  ],
  window: { from: '2026-01-01', to: '2026-06-30' },
  options: { resources: 'prefix', logging: { management: true, data: 'all' } },
};

const sized = (): Raw => json(policyRightsize(SIZE));

describe('curtail proof verify', () => {
  it('takes what policy check answers, and the line that was asked', () => {
    const answer = json(policyCheck(CHECK));
    expect(answer['verdict']).toBe('PASS');
    expect(proofVerify({ proof: answer, inputs: { id: 4, ...CHECK } }).valid).toBe(true);
    expect(proofVerify({ proof: answer['certificate'], inputs: CHECK }).valid).toBe(true);
  });

  it.each<[string, Raw, string]>([
    ['another document', { reference: policyOf(allow('s3:*', { Principal: '*' })) }, 'digest'],
    ['another type of policy', { policyType: 'trust' }, 'another question'],
    ['another account', { resourceAccount: '111122223333' }, 'another question'],
    ['another way to compare ARNs', { options: { arns: 'string' } }, 'another question'],
    ['no candidate', { candidate: undefined }, 'missing'],
  ])('refuses a certificate with %s', (_, other, words) => {
    const answer = proofVerify({ proof: json(policyCheck(CHECK)), inputs: { ...CHECK, ...other } });
    expect(answer).toEqual({ valid: false, reason: expect.stringContaining(words) });
  });

  it('refuses an answer that hides what it rests on', () => {
    const line = {
      policyType: 'identity',
      reference: policyOf(
        allow('s3:*', { Condition: { StringEquals: { 'aws:ResourceAccount': '111122223333' } } }),
      ),
      candidate: policyOf(
        allow('s3:*', {
          Resource: 'arn:aws:s3:eu-west-1:111122223333:accesspoint/a',
          Condition: { Null: { 'aws:ResourceAccount': 'false' } },
        }),
      ),
    };
    const answer = json(policyCheck(line));
    expect(answer).toMatchObject({ verdict: 'PASS', assumptions: [expect.any(String)] });
    expect(proofVerify({ proof: answer, inputs: line }).valid).toBe(true);
    expect(proofVerify({ proof: { ...answer, assumptions: [] }, inputs: line })).toEqual({
      valid: false,
      reason: expect.stringContaining('resource-account'),
    });
  });

  it('says of a FAIL and of an UNKNOWN that they prove nothing', () => {
    const answer = json(policyCheck({ ...CHECK, reference: CHECK.candidate, candidate: CHECK.reference }));
    expect(proofVerify({ proof: answer, inputs: CHECK })).toMatchObject({
      valid: false,
      reason: expect.stringContaining('FAIL'),
    });
  });

  it('counts the usage of a right-sizing again from raw events, and proves again that nobody gains', () => {
    const answer = sized();
    expect(answer['proof']).toMatchObject({
      verdict: 'partial',
      usage: {
        total: 18,
        replayed: 10,
        denied: 1,
        otherPrincipal: 1,
        service: 1,
        unmapped: 1,
        notAllowedBefore: 2,
        malformed: 2,
      },
    });
    expect(proofVerify({ proof: answer, inputs: SIZE })).toMatchObject({ valid: true });
    const inputs = { ...SIZE, result: answer['policies'] };
    expect(proofVerify({ proof: answer['proof'], inputs })).toMatchObject({ valid: true });
  });

  /** A proof with one part exchanged, its digests made to fit again, as a forger would. */
  function forged(change: { proof?: Raw; inputs?: Raw }): { proof: Raw; inputs: Raw } {
    const answer = sized();
    const inputs: Raw = { ...SIZE, result: answer['policies'], ...change.inputs };
    const whole = isRecord(answer['proof']) ? answer['proof'] : {};
    const { digests: _, ...proof } = { ...whole, ...change.proof };
    const names = ['principal', 'policies', 'usage', 'window', 'options', 'result'];
    const digests = Object.fromEntries(
      [...names.map((name) => [name, inputs[name]] as const), ['proof', proof] as const].map(
        ([name, part]) => [name, sha256(canonicalJson(part))],
      ),
    );
    return { proof: { ...proof, digests }, inputs };
  }
  const usageWith = (counts: Raw): Raw => {
    const { proof } = sized();
    return { usage: { ...(isRecord(proof) && isRecord(proof['usage']) ? proof['usage'] : {}), ...counts } };
  };

  it('accepts a forgery that changes nothing', () => {
    expect(proofVerify(forged({}))).toMatchObject({ valid: true });
  });

  it.each<[string, () => { proof: Raw; inputs: Raw }, string]>([
    ['counts one more replayed', () => forged({ proof: usageWith({ replayed: 11 }) }), 'replayed'],
    ['calls everything proved', () => forged({ proof: { verdict: 'proved' } }), 'partial'],
    ['leaves a holder out', () => forged({ proof: { noNewAccess: [] } }), 'everybody'],
    [
      'loses a used action',
      () =>
        forged({
          inputs: {
            result: [
              { ...SIZE.policies[0], document: policyOf(allow('sqs:*')) },
              { ...SIZE.policies[1], document: policyOf(DENY) },
            ],
          },
        }),
      'not shown',
    ],
    [
      'gives something new',
      () =>
        forged({
          inputs: { result: [{ ...SIZE.policies[0], document: policyOf(allow('*')) }, SIZE.policies[1]] },
        }),
      'gains',
    ],
    [
      'drops a Deny, which holds back what the other policy allows',
      () =>
        forged({
          inputs: {
            result: [
              SIZE.policies[0],
              { ...SIZE.policies[1], document: policyOf(allow(['s3:Get*', 's3:List*'])) },
            ],
          },
        }),
      'gains no access',
    ],
    ['says nothing of the usage', () => forged({ proof: { usage: null } }), 'does not say'],
  ])('refuses a right-sizing that %s', (_, make, words) => {
    expect(proofVerify(make())).toEqual({ valid: false, reason: expect.stringContaining(words) });
  });

  it.each<[string, (answer: Raw) => unknown]>([
    ['a changed usage log', (proof) => ({ proof, inputs: { ...SIZE, usage: SIZE.usage.slice(1) } })],
    ['no usage log', (proof) => ({ proof, inputs: { ...SIZE, usage: undefined } })],
    [
      'another principal',
      (proof) => ({ proof, inputs: { ...SIZE, principal: 'arn:aws:iam::111122223333:role/x' } }),
    ],
    [
      'a changed proof',
      ({ proof, ...rest }) => ({
        proof: { ...rest, proof: { ...(isRecord(proof) ? proof : {}), engine: 'x' } },
        inputs: SIZE,
      }),
    ],
  ])('refuses a right-sizing with %s', (_, make) => {
    expect(proofVerify(make(sized())).valid).toBe(false);
  });

  it('takes what draft and paths fix answer, and the line that was asked', () => {
    const technique = techniqueById('lambda-001');
    if (technique === undefined) throw new Error('the catalogue lacks lambda-001');
    const account = json(minimalAccount(technique));
    const fix = { account, from: FROM, usage: [] };
    const broken = json(pathsFix(fix));
    expect(broken['proof']).toMatchObject({ verdict: expect.stringMatching(/proved|partial/) });
    expect(proofVerify({ proof: broken, inputs: fix })).toMatchObject({ valid: true });
    const finding = { kind: 'escalation-path', subject: { type: 'identity', id: FROM } };
    const line = {
      finding,
      account,
      usage: [{ principal: FROM, action: 's3:GetObject', count: 1, lastUsed: '2026-05-01' }],
    };
    const drafted = json(draft(line));
    expect(drafted['outcome']).toBe('draft');
    expect(proofVerify({ proof: drafted, inputs: line })).toMatchObject({ valid: true });
    expect(proofVerify({ proof: drafted, inputs: { ...line, usage: [] } }).valid).toBe(false);
  });

  it.each<[unknown]>([[{}], [{ proof: {} }], [{ proof: [], inputs: {} }], [{ proof: {}, inputs: 'x' }]])(
    'points at what is no input: %j',
    (line) => {
      expect(() => proofVerify(line)).toThrow(expect.objectContaining({ type: 'InvalidInput' }));
    },
  );

  it.each<[unknown]>([
    [{}],
    [{ digests: {} }],
    [{ digests: 7, inputs: {} }],
    [{ inputs: {}, noNewAccess: 'x' }],
    [{ certificate: 7 }],
    [{ format: 'x' }],
  ])('answers no to %j', (proof) => {
    expect(proofVerify({ proof, inputs: {} }).valid).toBe(false);
  });
});
