import type { GrantClaims } from '../../domain/approval/grant.js';
import type { Ladder } from '../../domain/approval/ladder.js';
import type { StandingBounds } from '../../domain/approval/standing.js';
import type { UndoAsk } from '../../domain/approval/undo.js';
import type { Finding, Severity } from '../../domain/finding/finding.js';
import type { TriageFloor } from '../../domain/finding/triage.js';
import type { FreezeCalendar } from '../../domain/guardrail/freezes.js';
import type { NeverTouchList } from '../../domain/guardrail/never-touch.js';
import type { BusinessContext, Explanation } from '../../domain/lifecycle/context.js';
import type { Phase } from '../../domain/lifecycle/stage.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import type { Draft } from '../../domain/proof/proof.js';
import type { Log } from '../adapter.js';
import type { Chat } from '../chat/port.js';
import type { CloudReader, CloudWriter } from '../cloud/port.js';
import type { Cmdb } from '../cmdb/port.js';
import type { CnappSource } from '../cnapp/port.js';
import type { Directory } from '../directory/port.js';
import type { Guardrail } from '../guardrail/port.js';
import type { Histories } from '../histories/port.js';
import type { ChangeHost } from '../iac/port.js';
import type { TicketDesk } from '../itsm/port.js';
import type { AuditEntry, DraftRow, Ledger, ModelCallRow } from '../ledger/port.js';
import type { Suggested } from '../llm/suggest.js';
import type { LifecycleStarter } from '../starter/port.js';
import type { FlagContext, FlagReading } from './flags.js';

/** What an account is to the company, from the configuration. */
export interface AccountSettings {
  name?: string;
  environment: 'production' | 'staging' | 'development' | 'unknown';
  owner?: { person?: string; team?: string };
  route: 'api' | 'pull-request' | 'ticket';
  businessUnit?: string;
  department?: string;
  criticality?: 'critical' | 'high' | 'medium' | 'low';
  regulations?: readonly string[];
}

/** Everything the lifecycle's activities may touch, handed in by the composition root. */
export interface LifecyclePorts {
  ledger: Ledger;
  directory: Directory;
  guardrail: Guardrail;
  cloud: CloudReader;
  /** Present only where the change worker runs: nobody else holds write credentials. */
  cloudWriter?: CloudWriter;
  tickets: TicketDesk;
  cmdb: Cmdb;
  chats: readonly Chat[];
  iac?: ChangeHost;
  /** By name in the configuration. */
  sources: ReadonlyMap<string, CnappSource>;
  flags: { read(context: FlagContext): Promise<FlagReading> };
  starter: LifecycleStarter;
  /** Verifies a grant with the gateway's public keys, judged at `atMs`. */
  verifyGrant: (grant: string, clock: { nowMs: number; judgedAtMs?: number }) => Promise<GrantReading>;
  /** Verifies a standing approval's signature and reads its bounds. */
  verifyStanding: (
    signed: string,
  ) => Promise<{ ok: true; bounds: StandingBounds } | { ok: false; reason: string }>;
  /** Verifies who asked to undo what. */
  verifyUndoAsk: (ask: string) => Promise<{ ok: true; ask: UndoAsk } | { ok: false; reason: string }>;
  settings: {
    accounts: Readonly<Record<string, AccountSettings>>;
    publicUrl: string;
    floor: TriageFloor;
    /** Floors of platforms whose sources have one of their own. */
    floors: ReadonlyMap<string, TriageFloor>;
    /** Names of sources whose findings may begin their lives because the configuration says so. */
    confirmedSources: ReadonlySet<string>;
    timing: Timing;
    ladder: Readonly<Record<Severity, Ladder>>;
    /** Phases in which the security team releases a ticket before its owner is asked. */
    releaseFirst: readonly Phase[];
    /** Chat notices that one person gets within `timing.digestWindowMs`; further ones are collected. */
    digestAfter: number;
    /** Team that is asked where no owner is found. */
    onCall?: string;
    /** Read anew each time: both files are edited while we run. */
    neverTouch: () => NeverTouchList;
    freezes: () => readonly FreezeCalendar[];
    /** How far back use is looked at, in days. */
    usageDays: number;
    /** How long the server keeps closed runs. */
    retentionDays: number;
  };
  explainer: Explainer;
  histories: Histories;
  /** Keeps a report for people and returns where it lies. */
  writeReport: (name: string, text: string) => Promise<string>;
  log: Log;
  now: () => number;
  /** SHA-256 in hex. */
  digest: (text: string) => string;
  newId: () => string;
}

/** Writes explanations and answers; over a model where one is configured, over the templates otherwise. */
export interface Explainer {
  explain(on: {
    key: string;
    finding: Finding;
    draft: Draft;
    context: BusinessContext;
  }): Promise<{ explanation: Explanation; call?: ModelCallRow }>;
  /** Asks a model for smaller policies than the draft's; undefined where no model is asked. They are not proved yet. */
  suggest(on: {
    key: string;
    finding: Finding;
    draft: Draft;
    context: BusinessContext;
  }): Promise<Suggested | undefined>;
  /** Answers a person's question from the draft's own evidence. */
  answer(on: {
    key: string;
    finding: Finding;
    drafted: DraftRow;
    question: string;
    personId: string;
  }): Promise<{ text: string; call?: ModelCallRow; llmSessionId?: string }>;
}

/** What reading a grant gave: its claims, or why it is not one. */
export type GrantReading = { ok: true; claims: GrantClaims } | { ok: false; reason: string };

/** An audit entry with what all of a finding's entries share. */
export function auditEntry(
  input: { id: string; key: string; workflowId: string; type: string; actor: string; atMs: number },
  fields: AuditEntry['fields'] = {},
  body?: AuditEntry['body'],
): AuditEntry {
  return {
    id: input.id,
    stream: `finding/${input.key}`,
    type: input.type,
    actor: input.actor,
    atMs: input.atMs,
    findingKey: input.key,
    workflowId: input.workflowId,
    fields,
    ...(body !== undefined && { body }),
  };
}

/** The same entry for every finding of a case, in each one's own stream. */
export function auditEach(
  keys: readonly string[],
  input: { id: string; workflowId: string; type: string; actor: string; atMs: number },
  fields: AuditEntry['fields'] = {},
): AuditEntry[] {
  return keys.map((key) => auditEntry({ ...input, key, id: `${input.id}/${key}` }, fields));
}

export type { FlagContext, FlagReading };
