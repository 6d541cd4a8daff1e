import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLedger } from '../activities/ledger/registry.js';
import { createGateway } from '../client/gateway/server.js';
import type { ApprovalRequest, Person } from '../domain/approval/request.js';
import { openSigner } from '../runtime/grant-keys.js';
import { Secret } from '../runtime/secret.js';
import { ATTACKS, genuine } from '../test/support/callback-attacks.js';
import { type Callback, callbackDoors, senders, TICKET } from '../test/support/callback-world.js';
import { startTeams } from '../test/support/teams-server.js';

/**
 * How many callbacks the gateway takes and refuses, and how long a sender waits for the acknowledgement. The gateway runs in a
 * process of its own, over the embedded ledger; the load comes from this one. Prints one JSON document.
 */
const ACCEPTED = 4_000;
const HOSTILE = 10_000;
const AT_ONCE = 32;
const WARM_UP = 500;
const REQUEST = { id: 'finding/bench/1#g1r1-000000000000', digest: 'd'.repeat(64) };

if (process.argv[2] === 'gateway') await runGateway();
else await runLoad();

async function runGateway(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'curtail-bench-'));
  const teams = await startTeams();
  const ledger = await openLedger(
    { vendor: 'embedded', folder: join(folder, 'ledger') },
    { log: () => undefined, now: Date.now, fetch, resolveSecret: async () => new Secret(''), folder },
  );
  const owner: Person = { id: 'ben', name: 'Ben', email: 'ben@example.com', roles: ['owner'] };
  const asked: ApprovalRequest = {
    ...REQUEST,
    workflowId: 'finding/bench/1',
    generation: 1,
    subject: 'change',
    severity: 'high',
    draftedBy: 'engine',
    provedReduction: true,
    highPrivilege: false,
    approverIds: ['ben'],
    fallbackRole: 'security',
    openedAtMs: Date.now() - 1_000,
    expiresAtMs: Date.now() + 24 * 3_600_000,
  };
  const about = { title: 't', summary: 's', findingKeys: ['k'], riskScore: 1, environment: 'production' };
  await ledger.openRequest({ request: asked, ...about, ticket: { id: TICKET, number: 'CHG1', url: '' } }, []);
  let offers = 0;
  const directory = {
    person: async () => owner,
    byEmail: async () => owner,
    people: async () => [owner],
    team: async () => [owner],
    standIn: async () => owner,
  };
  const refuse = async () => ({ done: false, message: 'not part of this' });
  const app = createGateway({
    ledger,
    directory,
    control: {
      decide: async () => {
        offers += 1;
        return { outcome: 'accepted', complete: false, waitingFor: 1 };
      },
      retry: refuse,
      resume: refuse,
      cancel: refuse,
    } as never,
    signer: await openSigner(join(folder, 'keys')),
    now: Date.now,
    log: () => undefined,
    // Each sender has an address of its own here, or the limit of one address would be what is measured.
    config: {
      publicUrl: 'https://curtail.example',
      sessionTtlMinutes: 60,
      secureCookies: true,
      trustedProxies: ['127.0.0.1'],
    },
    onSignInCode: () => undefined,
    answerQuestion: async () => ({ text: 'no' }),
    renderFiles: () => [],
    separationFacts: async () => ({ assumerIds: [] }),
    blame: refuse as never,
    openWebhooks: callbackDoors({ ledger, directory, teams, now: Date.now, approvals: [] }),
    token: new Secret('bench'),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', async (message) => {
    if (message === 'cpu') process.send?.({ cpuMs: cpuMs(), offers });
    if (message !== 'stop') return;
    await app.close();
    await ledger.close();
    await teams.close();
    await rm(folder, { recursive: true, force: true });
    process.exit(0);
  });
  const token = { good: await teams.token(), forged: await teams.forgedToken() };
  process.send?.({ port: (app.server.address() as AddressInfo).port, teamsUrl: teams.url, token });
}

async function runLoad(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['gateway'], {
    execArgv: process.execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const next = <T>() =>
    new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T)));
  const { port, teamsUrl, token } = await next<{
    port: number;
    teamsUrl: string;
    token: { good: string; forged: string };
  }>();
  const ask = async () => {
    child.send('cpu');
    return next<{ cpuMs: number; offers: number }>();
  };
  // Tokens are signed by the gateway's process, whose keys they are checked with; an hour too early is the only time tried.
  const all = senders({
    url: teamsUrl,
    token: async ({ nowMs = 0 } = {}) => (Math.abs(nowMs - Date.now()) < 60_000 ? token.good : token.forged),
    forgedToken: async () => token.forged,
  } as never);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const kinds = all.filter(({ name }) => name !== 'teams-questions');
  let n = 0;
  const good: Shots = async () => {
    n += 1;
    const sender = kinds[n % kinds.length];
    if (sender === undefined) throw new Error('no sender');
    const on = { sender, request: REQUEST, nowMs: Date.now(), id: `1795${n}.000001` };
    return { callback: await genuine(on, {}) };
  };
  await fire(WARM_UP, good, port, agent);
  const before = await ask();
  const accepted = await fire(ACCEPTED, good, port, agent);
  const between = await ask();
  // What was taken is delivered first, or it would look as if an attack had been.
  let settled = between;
  for (let last = -1; settled.offers > last; settled = await ask()) {
    last = settled.offers;
    await new Promise((resolve) => setTimeout(resolve, 6_000));
  }
  const refused = await fire(HOSTILE, (i) => attackAt(i, all), port, agent);
  const after = await ask();
  child.send('stop');
  agent.destroy();
  const rate = (count: number, ms: number) => Math.round((count / ms) * 1_000);
  console.log(
    JSON.stringify({
      accepted: {
        ...accepted.figures,
        perSecondOfOneCore: rate(ACCEPTED, between.cpuMs - before.cpuMs),
        decisions: settled.offers,
      },
      refused: { ...refused.figures, perSecondOfOneCore: rate(HOSTILE, after.cpuMs - settled.cpuMs) },
      hostile: {
        sent: HOSTILE,
        accepted: after.offers - settled.offers,
        unexpectedStatuses: refused.unexpected,
      },
      note: 'processor time is of the whole gateway process, the embedded ledger in its thread among it',
    }),
  );
}

/** The i-th shot, made when its time comes. */
type Shots = (i: number) => Promise<{ callback: Callback; status?: number }>;

async function attackAt(
  i: number,
  all: ReturnType<typeof senders>,
): Promise<{ callback: Callback; status: number }> {
  const sender = all[i % all.length];
  if (sender === undefined) throw new Error('no sender');
  const on = { sender, request: REQUEST, nowMs: Date.now(), id: `1796${i}.000001` };
  for (let at = Math.floor(i / all.length); ; at += 1) {
    const attack = ATTACKS[at % ATTACKS.length];
    const callback = await attack?.make(on);
    if (attack !== undefined && callback !== undefined) return { callback, status: attack.status };
  }
}

async function fire(count: number, shots: Shots, port: number, agent: Agent) {
  const waits: number[] = [];
  let [at, unexpected] = [0, 0];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let mine = at++; mine < count; mine = at++) {
        const { callback, status: right } = await shots(mine);
        const sent = performance.now();
        const status = await post(callback, port, agent, mine);
        waits.push(performance.now() - sent);
        // Who sends too much may lose the connection before it has read the answer.
        const isRight =
          right === undefined
            ? status >= 200 && status < 300
            : status === right || (right === 413 && status === 0);
        if (!isRight) unexpected += 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  waits.sort((a, b) => a - b);
  const part = (p: number) => Math.round((waits[Math.floor(waits.length * p)] ?? 0) * 10) / 10;
  const figures = {
    sent: count,
    perSecond: Math.round(count / seconds),
    p50Ms: part(0.5),
    p99Ms: part(0.99),
    unexpected,
  };
  return { unexpected, figures };
}

function post({ path, headers, body }: Callback, port: number, agent: Agent, n: number): Promise<number> {
  const from = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  const flat = [...headers, ['content-length', String(body.length)], ['x-forwarded-for', from]].flat();
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, method: 'POST', path, agent, headers: ['host', 'x', ...flat] };
    const sent = request(options, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
