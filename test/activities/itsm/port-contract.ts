import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import type { TicketDesk, TicketDraft } from '../../../activities/itsm/port.js';
import { Failure } from '../../../domain/failure.js';
import { Secret } from '../../../runtime/secret.js';
import type { Fault, VendorRequest } from '../../support/vendor-server.js';

export const DRAFT: TicketDraft = {
  key: 'finding/generic/k1#g1r1/ticket',
  title: 'Reduce ProdLambda\u001b[31m to <4> actions & "more"',
  body: [
    { type: 'generated', text: 'Three actions were never used.', llmSessionId: 'llm-1' },
    { type: 'facts', rows: [{ label: 'Proof', value: 'proved' }] },
    { type: 'list', items: ['s3:DeleteBucket', ''] },
    { type: 'code', language: 'sh', text: 'aws iam …' },
    { type: 'link', text: 'Decide', url: 'https://curtail.example/requests/r1' },
    { type: 'link', text: '', url: 'javascript:alert(1)' },
  ],
  severity: 'high',
  assignee: 'ada@example.com',
  team: 'payments',
  labels: ['curtail', 'excessive permissions'],
  attachments: [{ name: '1-before.json', mediaType: 'application/json', text: '{}\n' }],
  decideUrl: 'https://curtail.example/requests/r1',
};

/** A desk with a way to look behind it, and, for a real product's double, to make it fail. */
export interface DeskUnderTest {
  desk: TicketDesk;
  /** Tickets that are there and count. */
  count(): Promise<number>;
  attachmentNames(ticketId: string): Promise<readonly string[]>;
  double?: {
    isCreate: (request: VendorRequest) => boolean;
    isComment: (request: VendorRequest) => boolean;
    fail(matches: (request: VendorRequest) => boolean, fault: Fault, times?: number): void;
    seen: readonly VendorRequest[];
  };
  close(): Promise<void>;
}

/** What an adapter of a product's double is given. */
export function depsOf(secrets: Readonly<Record<string, string>>, logs: string[] = []): AdapterDeps {
  return {
    log: (level, message, fields) => logs.push(JSON.stringify({ level, message, fields })),
    now: () => Date.now(),
    fetch: globalThis.fetch,
    folder: '/nowhere',
    resolveSecret: async (reference) => new Secret(secrets[reference] ?? ''),
  };
}

/** What every ticket desk keeps to. */
export function ticketDeskContract(name: string, open: () => Promise<DeskUnderTest>): void {
  let at: DeskUnderTest;
  beforeEach(async () => {
    at = await open();
  });
  afterEach(() => at.close());

  describe(`${name} as a ticket desk`, () => {
    it('makes one ticket a key, however often and at once', async () => {
      const [first, ...others] = await Promise.all([
        at.desk.open(DRAFT),
        at.desk.open(DRAFT),
        at.desk.open(DRAFT),
      ]);
      expect(others).toEqual([first, first]);
      expect(await at.desk.open({ ...DRAFT, title: 'Another' })).toEqual(first);
      expect(await at.count()).toBe(1);
      const second = await at.desk.open({ ...DRAFT, key: 'another' });
      expect(second.id).not.toBe(first?.id);
      expect(await at.count()).toBe(2);
      expect(first?.url).toMatch(/^(https?:\/\/|\/)/);
    });

    it('attaches each file once', async () => {
      const { id } = await at.desk.open(DRAFT);
      await at.desk.open(DRAFT);
      const names = await at.attachmentNames(id);
      expect(names.filter((each) => each.includes('1-before.json'))).toHaveLength(1);
    });

    it('comments once a key, says that it wrote it, and marks what a model wrote', async () => {
      const { id } = await at.desk.open(DRAFT);
      await at.desk.comment({ ticketId: id, key: 'c1', body: DRAFT.body });
      await at.desk.comment({ ticketId: id, key: 'c1', body: DRAFT.body });
      await at.desk.comment({ ticketId: id, key: 'c2', body: [{ type: 'paragraph', text: 'More.' }] });
      const { comments } = await at.desk.read(id);
      expect(comments).toHaveLength(2);
      expect(comments.every(({ ours }) => ours)).toBe(true);
      expect(comments[0]?.text).toContain('AI-generated guidance, session llm-1');
      expect(comments[1]?.text).toContain('More.');
    });

    it('moves a ticket, and again does no harm', async () => {
      const { id } = await at.desk.open(DRAFT);
      expect((await at.desk.read(id)).state).toBe('open');
      const move = { ticketId: id, state: 'in-progress', key: 's1', note: 'Handed over.' } as const;
      await at.desk.setState(move);
      await at.desk.setState(move);
      expect((await at.desk.read(id)).state).toBe('in-progress');
      await at.desk.setState({ ticketId: id, state: 'done', key: 's2', note: 'Verified.' });
      expect(['done', 'closed']).toContain((await at.desk.read(id)).state);
    });

    it.each(['nope', '', '../../x', '0'.repeat(32), 'a^b=c'])('knows no ticket "%s"', async (ticketId) => {
      expect(await at.desk.read(ticketId)).toEqual({ state: 'missing', comments: [] });
      await expect(at.desk.setState({ ticketId, state: 'done', key: 's' })).rejects.toMatchObject({
        type: 'input.not_found',
      });
    });
  });
}

const TRY_AGAIN = ['vendor.throttled', 'vendor.unavailable', 'write.outcome_unknown'];
const AUTH = ['vendor.auth'];
const NO = ['vendor.rejected', 'vendor.shape', 'input.not_found'];
const json = { 'content-type': 'application/json' };

/** What goes wrong, and what the caller may then be told; `none` means that it must be told nothing. */
const FAULTS: readonly [name: string, fault: Fault, types: readonly string[], retryAfterMs?: number][] = [
  ['401', { answer: { status: 401, body: { error: { message: 'User Not Authenticated' } } } }, AUTH],
  ['403', { answer: { status: 403, body: { error: { message: 'No', detail: 'ACL Exception' } } } }, AUTH],
  ['404', { answer: { status: 404, body: { error: { message: 'No Record found' } } } }, NO],
  ['400', { answer: { status: 400, body: { errorMessages: ['no'], errors: {} } } }, NO],
  [
    '429 with Retry-After',
    { answer: { status: 429, headers: { 'retry-after': '7' }, body: {} } },
    TRY_AGAIN,
    7_000,
  ],
  ['429 without', { answer: { status: 429, body: {} } }, TRY_AGAIN, 60_000],
  ['503 of a gateway', { answer: { status: 503, body: '<html>down</html>' } }, TRY_AGAIN],
  ['500 after the write', { afterwards: { status: 500, body: {} } }, TRY_AGAIN],
  ['no answer', 'never answers', TRY_AGAIN],
  ['no answer after the write', 'does it, never answers', TRY_AGAIN],
  ['a broken connection after the write', 'does it, breaks off', TRY_AGAIN],
  ['a body that never ends', 'does it, answers in drops', TRY_AGAIN],
  ['a web page for JSON', { answer: { status: 200, body: '<html>Sign in</html>' } }, [...TRY_AGAIN, ...NO]],
  ['200 with an error', { answer: { status: 200, body: { error: { message: 'Failed' } } } }, NO],
  ['no JSON', { answer: { status: 200, headers: json, body: '{"result":' } }, NO],
  ['a redirect', { answer: { status: 302, headers: { location: 'https://elsewhere.invalid/' } } }, NO],
];

/** What a product's double does to a desk, and that nothing is there twice afterwards. */
export function vendorDeskContract(name: string, open: () => Promise<DeskUnderTest>): void {
  let at: DeskUnderTest;
  beforeEach(async () => {
    at = await open();
  });
  afterEach(() => at.close());

  async function told(work: () => Promise<unknown>): Promise<Failure | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  }
  function doubleOf({ double }: DeskUnderTest): NonNullable<DeskUnderTest['double']> {
    if (double === undefined) throw new Error('this desk has no double');
    return double;
  }

  describe(`${name} when its product fails`, () => {
    it.each(FAULTS)('%s while creating', async (...row) => {
      const [, fault, types, retryAfterMs] = row;
      const double = doubleOf(at);
      double.fail(double.isCreate, fault);
      const failure = await told(() => at.desk.open(DRAFT));
      if (failure !== undefined) {
        expect(types).toContain(failure.type);
        if (retryAfterMs !== undefined) expect(failure.retryAfterMs).toBe(retryAfterMs);
        expect(failure.message).not.toMatch(/secret|token-1|pass-1/);
      }
      const ticket = await at.desk.open(DRAFT);
      expect(await at.desk.open(DRAFT)).toEqual(ticket);
      expect(await at.count()).toBe(1);
    });

    it.each(FAULTS)('%s while commenting', async (...row) => {
      const [, fault, types] = row;
      const { id } = await at.desk.open(DRAFT);
      const double = doubleOf(at);
      double.fail(double.isComment, fault);
      const comment = { ticketId: id, key: 'c1', body: DRAFT.body };
      const failure = await told(() => at.desk.comment(comment));
      if (failure !== undefined) expect(types).toContain(failure.type);
      await at.desk.comment(comment);
      expect((await at.desk.read(id)).comments).toHaveLength(1);
    });

    it('tells a bad login from an empty desk', async () => {
      const double = doubleOf(at);
      double.fail(() => true, { answer: { status: 401, body: { error: { message: 'no' } } } }, 100);
      expect((await told(() => at.desk.open(DRAFT)))?.type).toBe('vendor.auth');
    });

    it('never sends its credentials elsewhere', async () => {
      const double = doubleOf(at);
      const location = 'http://127.0.0.1:9/elsewhere';
      double.fail(() => true, { answer: { status: 307, headers: { location } } }, 1);
      expect((await told(() => at.desk.open(DRAFT)))?.type).toBe('vendor.rejected');
      expect(double.seen.some(({ url }) => url.pathname.includes('elsewhere'))).toBe(false);
    });
  });
}
