import { type BlameQuestion, type Denial, readBlame } from '../../domain/blame/denial.js';
import { resourceOf } from '../../domain/blame/reading.js';
import { type Blamed, blame } from '../../domain/blame/verdict.js';
import { summariseChange } from '../../domain/change/render.js';
import {
  type Account,
  type AccountInput,
  type AccountPrincipal,
  parseAccount,
  resolvePrincipal,
} from '../../domain/graph/account.js';
import type { ChangeRow, RequestRow } from '../ledger/port.js';
import type { LifecyclePorts } from './ports.js';

/** What the blame of an ARN or a denial needs. */
export type BlamePorts = Pick<LifecyclePorts, 'ledger' | 'cloud' | 'directory'>;

/** A change of ours where somebody looks, who let it through, and whether it caused what they ask about. */
export interface BlamedChange {
  id: string;
  status: ChangeRow['status'];
  route: ChangeRow['route'];
  /** The finding that it was for; an undo is asked for there. */
  findingKey: string;
  account?: string;
  /** What it changed, one sentence each. */
  what: readonly string[];
  /** When it was in place, ms since the epoch; absent when it never was. */
  appliedAtMs?: number;
  requestId?: string;
  approvals: readonly { personId: string; name: string; atMs?: number }[];
  /** Who signed the standing approval that stood in for a person. */
  standing?: { id: string; grantedBy?: string };
  note?: string;
  /** Only for a denial. */
  blame?: Blamed;
}

/** Every change of ours that may bear on what was asked, newest first, and for a denial whether one caused it. */
export interface BlameReport {
  question: BlameQuestion;
  /** The ARNs whose changes were looked for. */
  arns: readonly string[];
  blame?: Blamed;
  changes: readonly BlamedChange[];
  /** There are more than are shown. */
  more: boolean;
}

const MAX_CHANGES = 100;
/** Most ARNs that are looked up for one question: the principal with its policies and groups, and the resource. */
const MAX_ARNS = 60;

/** Answers who changed what at an ARN, or whether one of our changes caused a denial. Changes nothing. */
export function createBlame(ports: BlamePorts): (about: string) => Promise<BlameReport> {
  return async (about) => {
    const question = readBlame(about);
    if (question.kind === 'unreadable') return { question, arns: [], changes: [], more: false };
    const given = givenArns(question);
    const seen = await accountOf(ports, given);
    const arns = [...relatedArns(seen === undefined ? undefined : parseAccount(seen), given)].slice(
      0,
      MAX_ARNS,
    );
    const rows = await changesAt(ports, arns);
    const shown = rows.slice(0, MAX_CHANGES);
    const judged = question.kind === 'denial' ? await judge(ports, seen, shown, question.denial) : undefined;
    const changes = await Promise.all(shown.map((row) => describe(ports, row, judged?.each.get(row.id))));
    const report = { question, arns, changes, more: rows.length > shown.length };
    if (judged === undefined) return report;
    const { verdict, code, why } = judged;
    return { ...report, blame: { verdict, code, why } };
  };
}

function givenArns(question: Exclude<BlameQuestion, { kind: 'unreadable' }>): readonly string[] {
  if (question.kind === 'arn') return [question.arn];
  const { principal, resource } = question.denial;
  return resource === undefined ? [principal] : [principal, resource];
}

/** The readable accounts that the ARNs name, as one; undefined when there is none. */
async function accountOf(ports: BlamePorts, arns: readonly string[]): Promise<AccountInput | undefined> {
  const readable = await ports.cloud.accounts();
  const named = new Set(arns.map((arn) => arn.split(':')[4] ?? ''));
  // The ARN of a bucket names no account: it may be in any of them.
  const wanted = arns.every((arn) => arn.split(':')[4] === '')
    ? readable
    : readable.filter((id) => named.has(id));
  const inputs = await Promise.all(wanted.map((id) => ports.cloud.readAccount(id)));
  const [only] = inputs;
  return inputs.length > 1 ? { accounts: inputs } : only;
}

/** What a change may have named: the role of a session with its path, the policies and groups it has, the bucket of an object. */
function relatedArns(account: Account | undefined, given: readonly string[]): ReadonlySet<string> {
  const arns = new Set<string>();
  for (const arn of given) {
    const principal = account === undefined ? undefined : resolvePrincipal(account, arn);
    for (const own of principal === undefined ? [roleOfSession(arn)] : arnsOf(principal)) arns.add(own);
    const bucket = /^(arn:aws[a-z-]*:s3:::[^/]+)\//.exec(arn)?.[1];
    if (bucket !== undefined) arns.add(bucket);
    const store = account === undefined ? undefined : resourceOf(account, arn);
    if (store !== undefined) arns.add(store.arn);
  }
  return arns;
}

function arnsOf(principal: AccountPrincipal): readonly string[] {
  const held = principal.documents.flatMap((document) => document.arn ?? []);
  const boundary = principal.boundary === undefined ? [] : [principal.boundary.arn];
  return [principal.arn, ...principal.attached, ...held, ...principal.groups, ...boundary];
}

/** A session's ARN drops the path of its role; where the account cannot be read, a role without one is meant. */
function roleOfSession(arn: string): string {
  const session = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn);
  if (session === null) return arn;
  const [, partition = '', account = '', name = ''] = session;
  return `arn:${partition}:iam::${account}:role/${name}`;
}

async function changesAt({ ledger }: BlamePorts, arns: readonly string[]): Promise<readonly ChangeRow[]> {
  const found = new Map<string, ChangeRow>();
  for (const arn of arns)
    for (const row of await ledger.changes({ arn, limit: MAX_CHANGES + 1 })) found.set(row.id, row);
  return [...found.values()].sort(
    (a, b) => (b.appliedAtMs ?? 0) - (a.appliedAtMs ?? 0) || a.id.localeCompare(b.id),
  );
}

/** Evaluated in the accounts that were named and those that the changes are in. */
async function judge(
  ports: BlamePorts,
  seen: AccountInput | undefined,
  rows: readonly ChangeRow[],
  denial: Denial,
) {
  const elsewhere = rows.flatMap(({ account }) => account ?? []).map((id) => `arn:aws:iam::${id}:root`);
  const account =
    rows.length === 0
      ? seen
      : await accountOf(ports, [denial.principal, denial.resource ?? '', ...elsewhere]);
  return blame(account ?? {}, rows, denial);
}

async function describe(
  ports: BlamePorts,
  row: ChangeRow,
  blamed: Blamed | undefined,
): Promise<BlamedChange> {
  const request = row.requestId === undefined ? undefined : await ports.ledger.request(row.requestId);
  return {
    id: row.id,
    status: row.status,
    route: row.route,
    findingKey: row.findingKeys[0] ?? '',
    what: row.changes.map(summariseChange),
    approvals: await approvalsOf(ports, request),
    ...(row.account !== undefined && { account: row.account }),
    ...(row.appliedAtMs !== undefined && { appliedAtMs: row.appliedAtMs }),
    ...(row.requestId !== undefined && { requestId: row.requestId }),
    ...(row.standingApprovalId !== undefined && {
      standing: await standingOf(ports, row.standingApprovalId),
    }),
    ...(row.note !== undefined && { note: row.note }),
    ...(blamed !== undefined && { blame: blamed }),
  };
}

async function approvalsOf(
  { directory }: BlamePorts,
  request: RequestRow | undefined,
): Promise<BlamedChange['approvals']> {
  const given = (request?.decisions ?? []).filter(({ verdict }) => verdict === 'approve');
  return Promise.all(
    given.map(async ({ personId, recordedAtMs }) => ({
      personId,
      name: (await directory.person(personId))?.name ?? personId,
      ...(recordedAtMs !== undefined && { atMs: recordedAtMs }),
    })),
  );
}

async function standingOf(
  { ledger, directory }: BlamePorts,
  id: string,
): Promise<{ id: string; grantedBy?: string }> {
  const row = (await ledger.standingApprovals()).find((each) => each.id === id);
  if (row === undefined) return { id };
  return { id, grantedBy: (await directory.person(row.grantedBy))?.name ?? row.grantedBy };
}
