import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import type { Chat, Notice } from '../../../activities/chat/port.js';
import { Failure } from '../../../domain/failure.js';
import { Secret } from '../../../runtime/secret.js';
import type { Fault, VendorRequest, VendorServer } from '../../support/vendor-server.js';

const PAGE = 'https://curtail.example/requests/r1';
export const NOTICE: Notice = {
  key: 'finding/generic/k1#g1r1/opened',
  to: [
    { personId: 'ada', email: 'ada@example.com', name: 'Ada' },
    { personId: 'bob', email: 'bob@example.com', name: 'Bob <!channel>' },
  ],
  title: 'Reduce ProdLambda\u001b[31m to <4> actions & "more"',
  body: [
    { type: 'heading', text: 'What would be removed' },
    { type: 'generated', text: 'Three actions <!here> were never used.', llmSessionId: 'llm-1' },
    { type: 'facts', rows: [{ label: 'Proof', value: 'proved' }] },
    { type: 'list', items: ['s3:DeleteBucket', ''] },
    { type: 'code', language: 'sh', text: 'aws iam … ```' },
    { type: 'link', text: 'Decide', url: PAGE },
    { type: 'link', text: 'x', url: 'javascript:alert(1)' },
  ],
  url: PAGE,
  buttons: true,
  requestId: 'finding/generic/k1#g1r1-0a1b2c3d4e5f',
  digest: 'd'.repeat(64),
};

/** A chat with a way to look behind it, and, for a real product's double, to make it fail. */
export interface ChatUnderTest {
  chat: Chat;
  /** Everything that people see, as text. */
  shown(): readonly string[];
  double?: {
    server: VendorServer;
    isPost: (request: VendorRequest) => boolean;
    /** The product lets a message be found again, so that a lost answer doubles nothing. */
    findsAgain: boolean;
    /** A refused call is made once more with new credentials. */
    renews: boolean;
    logs: readonly string[];
    secrets: readonly string[];
  };
  close(): Promise<void>;
}

/** What an adapter of a product's double is given. */
export function depsOf(secrets: Readonly<Record<string, string>>, logs: string[]): AdapterDeps {
  return {
    log: (level, message, fields) => logs.push(JSON.stringify({ level, message, fields })),
    now: () => Date.now(),
    fetch: globalThis.fetch,
    folder: '/nowhere',
    resolveSecret: async (reference) => new Secret(secrets[reference] ?? ''),
  };
}

/** What every chat keeps to. */
export function chatContract(name: string, open: () => Promise<ChatUnderTest>): void {
  let at: ChatUnderTest;
  function eachOpens(): void {
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());
  }

  describe(`${name} as a chat`, () => {
    eachOpens();
    it('shows a notice with who is asked and where to decide', async () => {
      const { id, deliveredAtMs } = await at.chat.send(NOTICE);
      expect(id).not.toBe('');
      expect(deliveredAtMs).toBeGreaterThan(0);
      const [shown = ''] = at.shown();
      expect(shown).toContain(PAGE);
      expect(shown).toContain('Reduce ProdLambda');
      expect(shown).not.toContain('javascript:');
      expect(shown).not.toContain('\u001b');
    });

    it('shows the state that a request ended in', async () => {
      const { id } = await at.chat.send(NOTICE);
      const body = [{ type: 'paragraph', text: 'applied, read back' }] as const;
      const update = { messageId: id, key: 'r1/approved', title: 'Approved by Ada', body, url: PAGE };
      await at.chat.update(update);
      expect(at.shown()).toHaveLength(at.chat.changesMessages ? 1 : 2);
      expect(at.shown().at(-1)).toContain('Approved by Ada');
      expect(at.shown().at(-1)).not.toContain('curtail.approve');
    });

    it('takes a text of any size', async () => {
      const text = `<&*_ ${'ä'.repeat(90_000)}`;
      const rows = Array.from({ length: 400 }, (_, n) => ({ label: `l${n}`, value: text.slice(0, 50) }));
      const body = [{ type: 'paragraph', text }, { type: 'facts', rows }, ...NOTICE.body] as const;
      await at.chat.send({ ...NOTICE, title: text, body });
      expect(at.shown()).toHaveLength(1);
    });
  });

  describe(`${name} when its product fails`, () => {
    eachOpens();
    const slow = { status: 429, headers: { 'retry-after': '7' }, body: {} };
    it.each<[name: string, fault: Fault, type: string, retryAfterMs: number | undefined]>([
      ['an expired credential', { answer: { status: 401, body: {} } }, 'vendor.auth', undefined],
      ['a forbidden call', { answer: { status: 403, body: {} } }, 'vendor.auth', undefined],
      ['no such address', { answer: { status: 404, body: {} } }, 'vendor.rejected', undefined],
      ['a throttle with its time', { answer: slow }, 'vendor.throttled', 7_000],
      ['a throttle without a time', { answer: { status: 429, body: {} } }, 'vendor.throttled', undefined],
      [
        'a page in place of JSON',
        { answer: { status: 200, body: '<html>sign in</html>' } },
        'vendor.shape',
        undefined,
      ],
      [
        'a redirect',
        { answer: { status: 302, headers: { location: 'https://evil.example' } } },
        'vendor.rejected',
        undefined,
      ],
    ])('says so: %s', async (_name, fault, type, retryAfterMs) => {
      if (at.double === undefined) return;
      const { server, isPost, secrets, logs, renews } = at.double;
      server.fail(isPost, fault, renews && type === 'vendor.auth' ? 2 : 1);
      const failure = await failureOf(at.chat.send(NOTICE));
      expect(failure.type).toBe(type);
      if (retryAfterMs !== undefined) expect(failure.retryAfterMs).toBe(retryAfterMs);
      if (type === 'vendor.throttled') expect(failure.retryAfterMs).toBeGreaterThan(0);
      for (const secret of secrets) expect(`${failure.message}${logs.join('')}`).not.toContain(secret);
      await at.chat.send(NOTICE);
      expect(at.shown()).toHaveLength(1);
    });

    it.each<[name: string, fault: Fault]>([
      ['the answer never comes', 'does it, never answers'],
      ['the answer breaks off', 'does it, breaks off'],
      ['the answer comes in drops', 'does it, answers in drops'],
      ['a 503 comes after the work', { afterwards: { status: 503, body: {} } }],
    ])('loses no notice when %s', async (_name, fault) => {
      if (at.double === undefined) return;
      const { server, isPost, findsAgain } = at.double;
      server.fail(isPost, fault);
      const first = await at.chat.send(NOTICE).catch((error: unknown) => error);
      if (first instanceof Failure) {
        expect(['write.outcome_unknown', 'vendor.unavailable']).toContain(first.type);
        await at.chat.send(NOTICE);
      }
      expect(at.shown()).toHaveLength(findsAgain ? 1 : 2);
    });

    it('keeps a message that is gone from stopping what follows', async () => {
      const { id } = await at.chat.send(NOTICE);
      const gone = id.includes(':') ? 'C0FIX00001:1.000000' : 'gone';
      const update = { messageId: gone, key: 'k', title: 'Approved', body: [], url: PAGE };
      await expect(at.chat.update(update)).resolves.toBeUndefined();
    });
  });
}

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const outcome = await work.then(
    () => 'it went well',
    (error: unknown) => error,
  );
  if (outcome instanceof Failure) return outcome;
  throw new Error(`no failure of ours: ${String(outcome)}`);
}
