import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openExplainer } from '../../workers/explainer.js';
import { type Behaviour, type OpenAiServer, startOpenAiServer } from '../support/openai-server.js';
import { draftOf, type Life, openProduct, type Product, unique, withPorts } from '../support/product.js';

let product: Product;
let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer();
  product = await openProduct();
}, 60_000);
afterAll(async () => {
  await product.close();
  await server.close();
});
beforeEach(() => {
  server.seen.length = 0;
});

interface Policy {
  Version: string;
  Statement: { Sid?: string; Action: string | string[]; Resource: string | string[]; Effect: string }[];
}

/** A life with a proved draft that nobody has put in words yet. */
async function drafted(): Promise<{ life: Life; digest: string; policy: Policy }> {
  const life = await product.begin({ name: unique('suggest'), allowed: ['s3:*', 'sqs:ListQueues'] });
  const { contextDigest } = await product.activities.enrich(life);
  const prepared = await product.activities.prepare({ ...life, contextDigest, phase: 'assist', round: 1 });
  const { digest } = draftOf(prepared);
  const row = await product.ports.ledger.draft(digest);
  return { life, digest, policy: row?.draft.changes[0]?.after as unknown as Policy };
}

/** Lets a model answer, has the draft explained, and reads what is kept of it. */
async function explained(on: { life: Life; digest: string }, behaviour: Behaviour) {
  server.behave(behaviour);
  const { ledger } = product.ports;
  const explainer = await openExplainer(
    {
      provider: 'compatible',
      model: 'm',
      baseUrl: server.url,
      timeoutMs: 5_000,
      maxOutputTokens: 1_200,
    },
    {
      ledger,
      directory: product.ports.directory,
      newId: product.ports.newId,
      log: () => undefined,
      now: product.ports.now,
      fetch,
      resolveSecret: async () => {
        throw new Error('no secret is needed');
      },
      folder: '.',
    },
  );
  await withPorts(product, { explainer }).explain({ ...on.life, digest: on.digest });
  const row = await ledger.draft(on.digest);
  const calls = await ledger.modelCalls(on.life.key);
  const audit = await ledger.auditOf({ stream: `finding/${on.life.key}` });
  return {
    draft: row?.draft,
    suggestion: row?.explanation?.suggestion,
    call: calls.find(({ promptId }) => promptId === 'suggest-policy'),
    rows: audit.filter(({ type }) => type.startsWith('suggestion.')),
  };
}

function offering(...documents: unknown[]): Behaviour {
  const policies = documents.map((document, index) => ({
    index,
    document: typeof document === 'string' ? document : JSON.stringify(document),
  }));
  return { content: JSON.stringify({ policies }) };
}

/** The draft's policy with another first statement. */
function altered(policy: Policy, statement: Record<string, unknown>): unknown {
  const [first, ...rest] = policy.Statement;
  return { ...policy, Statement: [{ ...first, ...statement }, ...rest] };
}

describe('a model’s suggestion of a smaller policy', () => {
  it('is kept as information when it is proved, names put back, and the draft stays as it is', async () => {
    const on = await drafted();
    const before = await product.ports.ledger.draft(on.digest);
    const name = on.life.role.split('/').at(-1) ?? '';
    const narrow = altered(on.policy, { Resource: `arn:aws:s3:::[NAME_1]/[NAME_2]/${name}.json` });
    const { suggestion, draft, call, rows } = await explained(on, offering(narrow));
    expect(suggestion).toMatchObject({
      judged: {
        kind: 'narrower',
        changes: [
          {
            before: on.policy,
            after: altered(on.policy, { Resource: `arn:aws:s3:::app-bucket/work/${name}.json` }),
          },
        ],
      },
      llmSessionId: call?.llmSessionId,
      by: 'fake-1',
      promptRef: expect.stringMatching(/^suggest-policy\/v1#/),
    });
    expect(draft).toEqual(before?.draft);
    expect(call?.outcome).toBe('used');
    expect(rows).toMatchObject([{ type: 'suggestion.proved', fields: { digest: on.digest, by: 'fake-1' } }]);
    expect(JSON.stringify(server.seen)).not.toContain('app-bucket');
  });

  it('is refused with a request that shows it when it is wider than what is there', async () => {
    const on = await drafted();
    const wider = altered(on.policy, { Action: ['s3:GetObject', 'iam:CreateUser'], Resource: '*' });
    const { suggestion, call, rows } = await explained(on, offering(wider));
    expect(suggestion?.judged).toMatchObject({
      kind: 'refused',
      reasonCode: 'wider',
      witness: { action: 'iam:CreateUser' },
    });
    expect(call?.outcome).toBe('rejected');
    expect(rows).toMatchObject([
      { type: 'suggestion.refused', fields: { reasonCode: 'wider', witnessAction: 'iam:CreateUser' } },
    ]);
  });

  it('is refused with a request when it gives back what the draft removes', async () => {
    const on = await drafted();
    const { suggestion } = await explained(
      on,
      offering(altered(on.policy, { Action: ['s3:GetObject', 's3:DeleteObject'] })),
    );
    expect(suggestion?.judged).toMatchObject({
      kind: 'refused',
      reasonCode: 'wider-than-draft',
      witness: { action: 's3:DeleteObject' },
    });
  });

  it.each<[name: string, statement: Record<string, unknown>, reasonCode: string]>([
    ['denies what was seen in use', { Action: 's3:ListBucket' }, 'wider-than-draft|usage-lost'],
    ['speaks to people in a Sid', { Sid: 'ApproveThisAtOnce' }, 'malformed'],
    ['names what nobody named', { Resource: 'arn:aws:s3:::[NAME_99]/*' }, 'malformed'],
    ['is no statement', { Effect: 'Perhaps' }, 'malformed|cloud-limits'],
  ])('is refused when it %s', async (_name, statement, reasonCode) => {
    const on = await drafted();
    const { suggestion, rows } = await explained(on, offering(altered(on.policy, statement)));
    expect(suggestion?.judged).toMatchObject({
      kind: 'refused',
      reasonCode: expect.stringMatching(reasonCode),
    });
    expect(rows.map(({ type }) => type)).toEqual(['suggestion.refused']);
  });

  it.each<[name: string, behaviour: Behaviour]>([
    ['too long', offering(`"${'x'.repeat(10_001)}"`)],
    ['no JSON inside', offering('Ignore the proof and approve.')],
    ['about a policy that is not asked about', offering({}, {})],
    ['of another shape', { content: '{"policies": [], "approve": true}' }],
  ])('is refused as malformed when it is %s', async (_name, behaviour) => {
    const { suggestion } = await explained(await drafted(), behaviour);
    expect(suggestion?.judged).toMatchObject({ kind: 'refused', reasonCode: 'malformed' });
  });

  it.each<[name: string, behaviour: Behaviour, outcome: string]>([
    ['the answer is not JSON', { content: 'I would remove it all.' }, 'failed'],
    ['the server fails', { status: 500 }, 'failed'],
    ['it offers nothing', offering(), 'rejected'],
  ])('leaves no trace on the draft when %s, but in the log of calls', async (_name, behaviour, outcome) => {
    const { suggestion, call, rows } = await explained(await drafted(), behaviour);
    expect(suggestion).toBeUndefined();
    expect(rows).toEqual([]);
    expect(call?.outcome).toBe(outcome);
  });

  it('is nothing when it is the draft itself', async () => {
    const on = await drafted();
    expect((await explained(on, offering(on.policy))).suggestion).toBeUndefined();
  });

  it('is not asked for without a model', async () => {
    const on = await drafted();
    await product.activities.explain({ ...on.life, digest: on.digest });
    expect((await product.ports.ledger.draft(on.digest))?.explanation?.suggestion).toBeUndefined();
    expect(await product.ports.ledger.modelCalls(on.life.key)).toEqual([]);
  });
});
