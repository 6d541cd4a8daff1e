import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { Ledger } from '../../activities/ledger/port.js';
import { findingKey } from '../../domain/finding/fingerprint.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { arn } from '../../samples/model/names.js';
import { sha256 } from '../../workers/open-ports.js';
import { findingWorkflowId, ZONES, type Zone } from '../../workflows/naming.js';
import { findingAbout, HOME, openOrganisation } from '../support/organisation.js';
import { inboxJournal, type Life, type Product } from '../support/product.js';
import type { Crash, Write } from './faults.js';
import type { HouseQuestion } from './house-child.js';
import { steps } from './world.js';

/** What a process of the product is started with. */
export interface HouseOrder {
  /** Of the product's state and of the organisation's account. */
  folder: string;
  address: string;
  /** Of its task queues, so that several can work at one server. */
  prefix: string;
  timing: Partial<Timing>;
  /** All of them when absent. Set for each process of a house over a PostgreSQL server. */
  zones?: readonly Zone[];
  /** Its own embedded ledger when absent. */
  databaseUrl?: string;
}

/**
 * The product in a process of its own (or one for each role, over a PostgreSQL server) that dies and is started again, as a supervisor would. What is asked of it waits
 * for the next start when it dies over the question, so only what may be asked twice is asked.
 */
export interface House extends ReturnType<typeof steps> {
  ledger: Ledger;
  /** Adds a role of this name and has the finding about it taken in, as often as it takes. */
  begin(name: string): Promise<Life>;
  /** The platform scans what was begun here, and the ledger is compared with what runs, as their Schedules would have it. */
  tick(): Promise<void>;
  /** Has the process kill itself at a write. */
  arm(crash: Crash): Promise<void>;
  writesOf(life: string): Promise<readonly Write[]>;
  /** How many lines the journals of the account and of the ticket desk have. */
  linesDone(): Promise<number>;
  /** How often it died so far. */
  deaths(): number;
  /** Kills one of its processes. */
  kill(which: number): void;
  close(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('house-child.ts', import.meta.url));

/** The key of the finding about a role of this name, known before anything begins. */
export function keyOf(name: string): string {
  return findingKey(findingAbout(arn.role(HOME, name)), sha256);
}

/** Opens a house in a new folder and waits until it works. */
export async function openHouse(
  client: Client,
  order: Omit<HouseOrder, 'folder'>,
  patienceMs: number,
): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'curtail-house-'));
  const organisation = await openOrganisation(join(folder, 'organisation'));
  // With a server for the ledger each role may have a process of its own; questions go to the first.
  const [line, ...others] =
    order.databaseUrl === undefined
      ? [openLine({ ...order, folder })]
      : ZONES.map((zone) => openLine({ ...order, folder, zones: [zone] }));
  if (line === undefined) throw new Error('a house has at least one process');
  const lines = [line, ...others];
  const names: string[] = [];
  const ledger = new Proxy({} as Ledger, {
    get: (_target, name) =>
      name === 'then' ? undefined : (...given: unknown[]) => line.ask('ledger', name, ...given),
  });
  const product: Parameters<typeof steps>[1] = {
    ports: { ledger },
    organisation,
    // What is undefined would arrive as null.
    sign: (request, ...nowMs) =>
      line.ask('sign', request, ...nowMs.filter((each) => each !== undefined)) as ReturnType<Product['sign']>,
    tickets: () => inboxJournal(folder),
  };
  await Promise.all(lines.map((each) => each.ask('writesOf', '')));
  return {
    ...steps({ client }, product, patienceMs),
    ledger,
    async begin(name) {
      const role = arn.role(HOME, name);
      if (!names.includes(name)) {
        names.push(name);
        await organisation.addRole({ name });
      }
      await line.ask('takeIn', name);
      const key = keyOf(name);
      return { key, role, workflowId: findingWorkflowId('wiz', key), generation: 1, keys: [key] };
    },
    async tick() {
      await line.ask('scan', names);
      // What an intake recorded and did not live to start is begun by this, once it was quiet for a minute.
      await line.ask('reconcile');
    },
    arm: async (crash) => {
      await line.ask('arm', crash);
    },
    writesOf: (life) => line.ask('writesOf', life) as Promise<readonly Write[]>,
    linesDone: async () => (await organisation.journal(HOME)).length + (await inboxJournal(folder)).length,
    deaths: () => lines.reduce((sum, each) => sum + each.deaths(), 0),
    kill: (which) => lines[which % lines.length]?.kill(),
    async close() {
      await Promise.all(lines.map((each) => each.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A question that waits for its answer. */
interface Asked {
  text: string;
  done: (answer: { result?: unknown; error?: string }) => void;
}

/** Starts that may fail in a row before it is said why. */
const MAX_FAILED_STARTS = 5;

/** The line to a process that is started again whenever it dies. */
function openLine(order: HouseOrder) {
  const waiting = new Map<number, Asked>();
  let deaths = 0;
  let nextId = 0;
  let failedStarts = 0;
  let closing = false;
  let broken: Error | undefined;
  let child: ChildProcess;
  let isReady = false;
  let exited: Promise<void> = Promise.resolve();

  function start(): void {
    isReady = false;
    const errors: string[] = [];
    child = spawn(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    // A line to a process that has just died goes nowhere; the question is asked again of the next one.
    child.stdin?.on('error', () => undefined);
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', hear);
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
    exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve();
        if (closing) return;
        deaths += 1;
        failedStarts = isReady || signal === 'SIGKILL' ? 0 : failedStarts + 1;
        if (failedStarts < MAX_FAILED_STARTS) return start();
        broken = new Error(`a house does not start: ${code ?? signal}: ${errors.join('\n').slice(0, 3_000)}`);
        for (const asked of waiting.values()) asked.done({ error: broken.message });
      });
    });
  }

  function hear(line: string): void {
    const message = parsed(line);
    if (message === undefined) return;
    if (message.ready === true) {
      isReady = true;
      for (const { text } of waiting.values()) child.stdin?.write(text);
      return;
    }
    const asked = waiting.get(message.id ?? -1);
    if (asked === undefined) return;
    waiting.delete(message.id ?? -1);
    asked.done(message);
  }

  start();
  return {
    deaths: () => deaths,
    async ask(question: HouseQuestion, ...given: unknown[]): Promise<unknown> {
      if (broken !== undefined) throw broken;
      nextId += 1;
      const id = nextId;
      const text = `${JSON.stringify({ id, question, given })}\n`;
      const answered = new Promise<{ result?: unknown; error?: string }>((done) =>
        waiting.set(id, { text, done }),
      );
      if (isReady) child.stdin?.write(text);
      const { result, error } = await answered;
      if (error !== undefined) throw new Error(`a house was asked ${question}: ${error}`);
      return result;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
    async close(): Promise<void> {
      closing = true;
      child.kill('SIGKILL');
      await exited;
    },
  };
}

interface Message {
  ready?: boolean;
  id?: number;
  result?: unknown;
  error?: string;
}

/** A line of the protocol; whatever else a process prints is left out. */
function parsed(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}
