import type { FastifyInstance } from 'fastify';
import type { LifecycleControl } from '../../../../client/gateway/control.js';
import type { GatewayDeps } from '../../../../client/gateway/deps.js';
import { createGateway } from '../../../../client/gateway/server.js';
import type { DecisionReceipt } from '../../../../domain/approval/request.js';
import type { GatewaySigner } from '../../../../runtime/grant-keys.js';
import { Secret } from '../../../../runtime/secret.js';
import { type FakeLedger, fakeLedger } from './fake-ledger.js';
import { type Answer, send } from './http.js';
import { draftRow, findingRow, NOW, PEOPLE, requestRow } from './organisation.js';

export const ORIGIN = 'http://localhost:8088';
export const TOKEN = 'test-token';

/** A gateway over fakes, with what it sent out. */
export interface Desk {
  app: FastifyInstance;
  ledger: FakeLedger;
  clock: { nowMs: number };
  codes: Map<string, string>;
  offers: Parameters<LifecycleControl['decide']>[0][];
  commands: string[];
  receipt: { next: DecisionReceipt | Error };
  logs: string[];
}

/** Signs nothing; keeps the claims readable. Real keys are tested with the grants. */
export const fakeSigner: GatewaySigner = {
  kid: 'test-key',
  fresh: false,
  sign: async (typ, payload) =>
    `${typ}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.signature`,
};

export function openDesk(over: Partial<GatewayDeps> = {}): Desk {
  const ledger = fakeLedger();
  ledger.rows.findings.push(findingRow());
  ledger.rows.requests.push(requestRow());
  ledger.rows.drafts.push(draftRow());
  const clock = { nowMs: NOW };
  const desk: Omit<Desk, 'app'> = {
    ledger,
    clock,
    codes: new Map(),
    offers: [],
    commands: [],
    receipt: { next: { outcome: 'accepted', complete: true, waitingFor: 0 } },
    logs: [],
  };
  const done = async (what: string): Promise<{ done: boolean; message: string }> => {
    desk.commands.push(what);
    return { done: true, message: `Did ${what}.` };
  };
  const app = createGateway({
    ledger,
    directory: {
      person: async (id) => PEOPLE.find((person) => person.id === id),
      byEmail: async (email) => PEOPLE.find((person) => person.email === email),
      people: async () => PEOPLE,
      team: async (name) => PEOPLE.filter((person) => person.team === name),
      standIn: async (id) => PEOPLE.find((person) => person.id === id),
    },
    control: {
      decide: async (offer) => {
        desk.offers.push(offer);
        if (desk.receipt.next instanceof Error) throw desk.receipt.next;
        return desk.receipt.next;
      },
      retry: (id) => done(`retry ${id}`),
      resume: (key) => done(`resume ${key}`),
      cancel: (id) => done(`cancel ${id}`),
      undo: ({ workflowId, ask }) => done(`undo ${workflowId} ${ask}`),
    },
    signer: fakeSigner,
    now: () => clock.nowMs,
    log: (level, message, fields) => {
      desk.logs.push(JSON.stringify({ level, message, fields }));
    },
    config: { publicUrl: ORIGIN, sessionTtlMinutes: 60, secureCookies: false, organisation: 'Example Corp' },
    onSignInCode: (personId, code) => {
      desk.codes.set(personId, code);
    },
    answerQuestion: async ({ question }) => ({ text: `You asked: ${question}`, llmSessionId: 'llm_q1' }),
    renderFiles: (changes) => [
      { name: 'policy.json', text: JSON.stringify(changes[0]?.after, null, 2) },
      { name: 'main.tf', text: 'resource "aws_iam_role_policy" "lambda_access" {}\n' },
    ],
    separationFacts: async () => ({ assumerIds: [] }),
    blame: async () => ({
      question: { kind: 'unreadable', why: 'it is empty' },
      arns: [],
      changes: [],
      more: false,
    }),
    token: new Secret(TOKEN),
    ...over,
  });
  return { ...desk, app };
}

/** A browser without scripts: it keeps its cookie, fills forms as they stand in the page, and states its origin. */
export interface Browser {
  get(path: string): Promise<Answer>;
  post(
    path: string,
    fields: Record<string, string | readonly string[]>,
    headers?: Record<string, string>,
  ): Promise<Answer & { location?: string }>;
  /** Values of the hidden fields of the first form whose action ends so, with `marker` inside. */
  form(page: string, action: string, marker?: string): Record<string, string>;
  cookie: string;
}

export function browse(app: FastifyInstance): Browser {
  const browser: Browser = {
    cookie: '',
    get: (path) => send(app, { method: 'GET', url: path, headers: { cookie: browser.cookie } }),
    async post(path, fields, headers = {}) {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(fields))
        for (const each of [value].flat()) body.append(name, each);
      const type = 'application/x-www-form-urlencoded';
      const answer = await send(app, {
        method: 'POST',
        url: path,
        headers: { cookie: browser.cookie, origin: ORIGIN, 'content-type': type, ...headers },
        payload: body.toString(),
      });
      const [set] = answer.headers['set-cookie'] ?? [];
      if (set !== undefined) browser.cookie = set.split(';')[0] ?? '';
      const { location } = answer.headers;
      return { ...answer, ...(typeof location === 'string' && { location }) };
    },
    form(page, action, marker = '') {
      const forms = page.match(/<form[\s\S]*?<\/form>/g) ?? [];
      const found = forms.find(
        (form) => (/action="([^"]*)"/.exec(form)?.[1] ?? '').endsWith(action) && form.includes(marker),
      );
      if (found === undefined) throw new Error(`no form ${action} with ${marker}`);
      const hidden = [...found.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
      return Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
    },
  };
  return browser;
}

/** Signs a person in through the pages. */
export async function signIn(desk: Desk, personId: string): Promise<Browser> {
  const browser = browse(desk.app);
  const asked = await browser.post('/sign-in', { who: personId });
  const fields = browser.form(asked.text, '/sign-in/code');
  const done = await browser.post('/sign-in/code', { ...fields, code: desk.codes.get(personId) ?? '' });
  if (done.status !== 303) throw new Error(`sign-in failed: ${done.status}`);
  return browser;
}
