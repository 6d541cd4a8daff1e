import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activities, Prepared, PreparedDraft, Settled, Subject } from '../../activities/contract.js';
import type { Histories } from '../../activities/histories/port.js';
import { takeIn } from '../../activities/lifecycle/intake.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import type { LifecycleStarter, ReleasedMember, StartFinding } from '../../activities/starter/port.js';
import type { Finding } from '../../domain/finding/finding.js';
import { findingKey } from '../../domain/finding/fingerprint.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { loadConfig } from '../../runtime/config.js';
import { type GatewaySigner, openSigner } from '../../runtime/grant-keys.js';
import { type GrantRequest, mintGrant } from '../../runtime/grants.js';
import { Secret } from '../../runtime/secret.js';
import { timingOf } from '../../runtime/timing.js';
import { buildActivities } from '../../workers/build-activities.js';
import { completePorts, type Opened, openPorts, sha256 } from '../../workers/open-ports.js';
import { PARTS } from '../../workers/parts.js';
import { clusterWorkflowId, findingWorkflowId, requestId } from '../../workflows/naming.js';
import {
  findingAbout,
  HOME,
  type NewRole,
  type Organisation,
  openOrganisation,
  organisationIn,
} from './organisation.js';

/** The product over its embedded adapters in a folder of its own: real in every part but the person and the clock. */
export interface Product {
  folder: string;
  organisation: Organisation;
  ports: LifecyclePorts;
  activities: Activities;
  signer: GatewaySigner;
  /** Added to the wall clock of the product. */
  clock: { offsetMs: number };
  /** Lives that were started, when the starter is the one in memory. */
  starter: MemoryStarter;
  logged: { level: string; message: string; fields?: Record<string, unknown> | undefined }[];
  /** Records findings of one scan, as an intake does. Returns their keys. */
  takeIn(findings: readonly Finding[], scanId?: string): Promise<readonly string[]>;
  /**
   * The platform scans: it reports what `begin` began, with what another process began, and is still too wide, and all
   * of that only. What it reports no more is resolved.
   */
  scan(also?: readonly Finding[]): Promise<void>;
  /** Adds a role, takes in a finding about it, and returns whose life it is. */
  begin(role: NewRole, more?: Partial<Finding>): Promise<Life>;
  sign(request: Partial<GrantRequest> & { sub: string; requestId: string }, nowMs?: number): Promise<string>;
  /** One line of the ticket desk's journal each. */
  tickets(): Promise<readonly { effect: string; key: string; ticketId: string; state?: string }[]>;
  notices(): Promise<readonly { key: string }[]>;
  flags(change: (flags: FlagsFile) => void): Promise<void>;
  /** Types of a finding's audit rows, in order. */
  audit(key: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A finding whose life a test plays by hand, step by step. */
export interface Life extends Subject {
  key: string;
  role: string;
}

export interface FlagsFile {
  flags: Record<string, { defaultVariant: string; targeting?: unknown; state: string; variants: unknown }>;
}

export interface ProductOptions {
  /** Goes on in a folder of an earlier product. */
  folder?: string;
  timing?: Partial<Timing>;
  /** Stands in for the starter in memory. */
  starter?: (opened: Opened) => LifecycleStarter;
  histories?: Histories;
  /** A PostgreSQL server for the ledger. */
  databaseUrl?: string;
  /** Replaces ports, to inject faults. */
  adapt?: (ports: LifecyclePorts) => LifecyclePorts;
  mayWrite?: boolean;
}

/** Master key of ledgers on a server in tests. */
const BODY_KEY = Buffer.alloc(32, 7).toString('base64');

/** Opens a product. A new folder is made, and removed by `close`, unless one is given. */
export async function openProduct(options: ProductOptions = {}): Promise<Product> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'curtail-product-')));
  const organisationFolder = join(folder, 'organisation');
  const organisation =
    options.folder === undefined
      ? await openOrganisation(organisationFolder)
      : organisationIn(organisationFolder);
  const clock = { offsetMs: 0 };
  const logged: Product['logged'] = [];
  const loaded = loadConfig({ file: join(organisationFolder, 'curtail.yaml'), cwd: folder });
  const state = join(folder, 'state');
  const config = {
    ...loaded.config,
    ledger:
      options.databaseUrl === undefined
        ? { adapter: 'pglite' as const, folder: join(state, 'ledger') }
        : { adapter: 'postgres' as const, url: 'env:DATABASE_URL', bodyKey: 'env:BODY_KEY' },
  };
  const opened = await openPorts({
    loaded: { ...loaded, config: config as typeof loaded.config, timing: timingOf('test', options.timing) },
    deps: {
      log: (level, message, fields) => logged.push({ level, message, fields }),
      now: () => Date.now() + clock.offsetMs,
      fetch,
      resolveSecret: async (reference) =>
        new Secret(reference === 'env:BODY_KEY' ? BODY_KEY : (options.databaseUrl ?? '')),
      folder: loaded.baseFolder,
    },
    folder: state,
    publicUrl: 'http://127.0.0.1:8080',
    parts: PARTS.filter((part) => part !== 'change' || options.mayWrite !== false),
  });
  const signer = await openSigner(join(state, 'keys'));
  const memory = memoryStarter();
  const complete = completePorts(
    opened,
    options.starter?.(opened) ?? memory,
    options.histories ?? NO_HISTORIES,
  );
  const ports = options.adapt?.(complete) ?? complete;
  const begun: Finding[] = [];
  const product: Product = {
    folder,
    organisation,
    ports,
    activities: buildActivities(ports),
    signer,
    clock,
    starter: memory,
    logged,
    async takeIn(findings, scanId = randomUUID()) {
      const records = findings.map((finding) => ({ ok: true as const, finding, original: finding }));
      const source = findings[0]?.source ?? 'wiz';
      await takeIn(ports, { scanId, source, atMs: ports.now(), records });
      return findings.map((finding) => findingKey(finding, sha256));
    },
    async scan(also = []) {
      const scan = { scanId: randomUUID(), source: 'wiz', atMs: ports.now() };
      const { RoleDetailList } = await organisation.read(HOME);
      const wide = new Set(
        RoleDetailList.filter((role) => JSON.stringify(role.RolePolicyList).includes('s3:*')).map(
          (role) => role.Arn,
        ),
      );
      const open = [...begun, ...also].filter((finding) => wide.has(finding.subject.id));
      const records = open.map((finding) => ({ ok: true as const, finding, original: finding }));
      if (records.length > 0) await takeIn(ports, { ...scan, records });
      await ports.ledger.completeScan(scan);
    },
    async begin(role, more = {}) {
      const subject = await organisation.addRole(role);
      const finding = findingAbout(subject, more);
      begun.push(finding);
      const [key = ''] = await product.takeIn([finding]);
      const workflowId = findingWorkflowId(finding.source, key);
      return { key, role: subject, workflowId, generation: 1, keys: [key] };
    },
    async sign(request, nowMs = ports.now()) {
      const row = await ports.ledger.request(request.requestId);
      const minted = await mintGrant(
        {
          workflowId: row?.request.workflowId ?? 'nowhere',
          digest: row?.request.digest ?? '0'.repeat(64),
          verdict: 'approve',
          via: 'page',
          ...request,
        },
        signer,
        nowMs,
      );
      return minted.jws;
    },
    tickets: () => inboxJournal(folder),
    notices: () => lines(join(state, 'notices.jsonl')),
    async flags(change) {
      const path = join(organisationFolder, 'flags.json');
      const flags = JSON.parse(await readFile(path, 'utf8')) as FlagsFile;
      change(flags);
      await writeFile(path, `${JSON.stringify(flags)}\n${' '.repeat(Math.floor(Math.random() * 1_000))}`);
    },
    async audit(key) {
      return (await ports.ledger.auditOf({ stream: `finding/${key}` })).map((row) => row.type);
    },
    async close() {
      await opened.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
  return product;
}

/** What the ticket desk of a product in this folder has done, one line each. */
export function inboxJournal(folder: string): ReturnType<Product['tickets']> {
  return lines(join(folder, 'state', 'inbox', 'journal.jsonl'));
}

const NO_HISTORIES: Histories = {
  async *closed() {
    yield* [];
  },
  read: async () => null,
};

/** Remembers what was to be started. */
export interface MemoryStarter extends LifecycleStarter {
  started: StartFinding[];
  /** Ids that run. */
  alive: Set<string>;
  released: ReleasedMember[];
}

function memoryStarter(): MemoryStarter {
  const started: StartFinding[] = [];
  const alive = new Set<string>();
  const released: ReleasedMember[] = [];
  const ids: LifecycleStarter['ids'] = (finding) => ({
    workflowId: findingWorkflowId(finding.source, finding.key),
    ...(finding.rootCause !== undefined && {
      clusterId: clusterWorkflowId(sha256(finding.rootCause).slice(0, 32)),
    }),
  });
  return {
    started,
    alive,
    released,
    ids,
    release: async (member) => {
      released.push(member);
    },
    async start(findings) {
      for (const finding of findings) {
        started.push(finding);
        alive.add(ids(finding).workflowId);
      }
    },
    begun: async (lives) =>
      new Set(
        lives
          .filter((life) =>
            started.some(
              (start) => start.generation === life.generation && ids(start).workflowId === life.workflowId,
            ),
          )
          .map((life) => life.workflowId),
      ),
    running: async (wanted) => new Set(wanted.filter((id) => alive.has(id))),
  };
}

async function lines<Line>(path: string): Promise<readonly Line[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  // A last line that is not ended yet was not written.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** The product's activities with some ports replaced, to inject faults or lies. */
export function withPorts(product: Product, replaced: Partial<LifecyclePorts>): Activities {
  return buildActivities({ ...product.ports, ...replaced });
}

/** How far a test wants a life to be played by hand. */
export interface Played {
  life: Life;
  contextDigest: string;
  prepared: PreparedDraft;
  requestId: string;
}

/** Plays a life until people are asked. @throws Error naming the ending that came instead */
export async function playUntilAsked(product: Product, life: Life, round = 1): Promise<Played> {
  const { activities } = product;
  const { contextDigest } = await activities.enrich(life);
  const prepared = await activities.prepare({ ...life, contextDigest, phase: 'assist', round });
  const draft = draftOf(prepared);
  await activities.explain({ ...life, digest: draft.digest });
  const id = requestId(life.workflowId, life.generation, round, draft.digest);
  await activities.ask(askInput(product, { life, contextDigest, prepared: draft, requestId: id }));
  return { life, contextDigest, prepared: draft, requestId: id };
}

/** What the workflow would hand to `ask`. */
export function askInput(
  product: Product,
  played: Played,
  rung = 'opened',
): Parameters<Activities['ask']>[0] {
  const openedAtMs = product.ports.now();
  return {
    ...played.life,
    requestId: played.requestId,
    digest: played.prepared.digest,
    contextDigest: played.contextDigest,
    severity: 'high',
    rung,
    escalate: rung === 'escalation',
    openedAtMs,
    expiresAtMs: openedAtMs + 3_600_000,
  };
}

/** Offers a person's signed decision. */
export async function decide(
  product: Product,
  played: Played,
  personId: string,
  more: Partial<GrantRequest> = {},
): Promise<Settled> {
  const grant = await product.sign({ sub: personId, requestId: played.requestId, ...more });
  return offer(product, played, grant);
}

export function offer(product: Product, played: Played, grant: string): Promise<Settled> {
  const { life, requestId: id, prepared } = played;
  return product.activities.settle({ ...life, requestId: id, digest: prepared.digest, grant });
}

/** Approves and returns the change's id. @throws Error when it was not accepted */
export async function approve(product: Product, played: Played, personId = 'priya.raman'): Promise<string> {
  const settled = await decide(product, played, personId);
  if (settled.outcome !== 'accepted' || !settled.complete || settled.changeId === undefined)
    throw new Error(`expected a planned change, got ${JSON.stringify(settled)}`);
  return settled.changeId;
}

export function draftOf(prepared: Prepared): PreparedDraft {
  if (prepared.kind !== 'draft') throw new Error(`expected a draft, got ${JSON.stringify(prepared)}`);
  return prepared;
}

/** A new id that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 8)}`;
}
