import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Stage } from '../../domain/lifecycle/stage.js';
import { type LifecycleStatus, statusQuery } from '../finding-lifecycle/messages.js';
import { SEARCH_ATTRIBUTES } from '../naming.js';

/** What the current details say beside the stage; every member is a short line for an operator. */
export interface Shown {
  subject: string;
  kind: string;
  severity: string;
  members: number;
  risk?: number;
  proof?: string;
  route?: string;
  title?: string;
}

/** Where a life is, shown in the Temporal UI and answered by `status`. */
export interface Progress {
  readonly status: LifecycleStatus;
  /** Moves on. Costs no action and no history: current details are read by query. */
  at(stage: Stage, note: string, extra?: Partial<LifecycleStatus>): void;
  show(more: Partial<Shown>): void;
}

/** Registers the query and starts the page of current details. Call it before the first await. */
export function trackProgress(
  shown: Shown,
  counts: () => { refusals: number; badMessages: number },
): Progress {
  let status: LifecycleStatus = { stage: 'new', note: 'started', refusals: 0, badMessages: 0 };
  let seen = shown;
  setHandler(statusQuery, () => ({ ...status, ...counts() }), { description: 'Where this finding is' });

  function paint(): void {
    setCurrentDetails(currentDetails(status, seen));
  }
  paint();
  return {
    get status() {
      return status;
    },
    at(stage, note, extra = {}) {
      const { parked: _parked, ...rest } = status;
      status = { ...rest, stage, note, ...extra };
      paint();
    },
    show(more) {
      seen = { ...seen, ...more };
      paint();
    },
  };
}

/** One upsert while waiting: stage, who is waited for, until when, and the risk. */
export function upsertWaiting(waitingFor: string, decideByMs: number, risk: number): void {
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.stage, value: 'awaiting-decision' },
    { key: SEARCH_ATTRIBUTES.waitingFor, value: waitingFor.slice(0, 100) || 'nobody' },
    { key: SEARCH_ATTRIBUTES.decideBy, value: new Date(decideByMs) },
    { key: SEARCH_ATTRIBUTES.riskScore, value: Math.round(risk) },
  ]);
}

/** The last upsert: closed, and how. */
export function upsertOutcome(outcome: string): void {
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.stage, value: 'closed' },
    { key: SEARCH_ATTRIBUTES.outcome, value: outcome },
    { key: SEARCH_ATTRIBUTES.waitingFor, value: null },
  ]);
}

/** Markdown for the Temporal UI. A few lines: the UI carries them in an address. */
export function currentDetails(status: LifecycleStatus, shown: Shown): string {
  const rows: [string, string | undefined][] = [
    ['What', shown.title],
    ['About', shown.members > 1 ? `${shown.subject} (${shown.members} findings)` : shown.subject],
    ['Kind', `${shown.kind}, ${shown.severity}`],
    ['Risk', shown.risk === undefined ? undefined : `${Math.round(shown.risk)} of 100`],
    ['Proof', shown.proof],
    ['Route', shown.route],
    ['Waiting for', status.waitingFor],
    ['Decide by', status.decideByMs === undefined ? undefined : new Date(status.decideByMs).toISOString()],
    ['Draft', status.digest === undefined ? undefined : `\`${status.digest.slice(0, 16)}\``],
    ['Request', status.requestId],
  ];
  const heading = status.parked === undefined ? status.stage : `parked: ${status.parked}`;
  const table = rows
    .filter((row): row is [string, string] => row[1] !== undefined)
    .map(([label, value]) => `| ${label} | ${cell(value)} |`);
  const help =
    status.parked === undefined
      ? ''
      : '\n\nSend the Update `retry` with `{}` to try again now; it also tries again by itself.';
  return [`### ${heading}`, '', cell(status.note), '', '| | |', '|---|---|', ...table].join('\n') + help;
}

/** Outside text in a Markdown cell: one line, no cell or code fences, bounded. */
function cell(text: string): string {
  return text.replace(/[\r\n|`<>[\]]+/g, ' ').slice(0, 300);
}

/** This execution's id, for keys of external records. */
export function ownId(): string {
  return workflowInfo().workflowId;
}
