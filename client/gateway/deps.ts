import type { Readable } from 'node:stream';
import type { Log } from '../../activities/adapter.js';
import type { Directory } from '../../activities/directory/port.js';
import type { TicketComment, TicketState } from '../../activities/itsm/port.js';
import type { Ledger, RequestRow } from '../../activities/ledger/port.js';
import type { BlameReport } from '../../activities/lifecycle/blame.js';
import type { SeparationFacts } from '../../domain/approval/separation.js';
import type { Change } from '../../domain/change/change.js';
import type { FindingSource } from '../../domain/finding/finding.js';
import type { Block } from '../../domain/text/block.js';
import type { GatewaySigner } from '../../runtime/grant-keys.js';
import type { Secret } from '../../runtime/secret.js';
import type { CodecServer } from '../codec-server/routes.js';
import type { ForecastDesk } from './api/forecast.js';
import type { QuarantineDesk } from './api/quarantine.js';
import type { LifecycleControl } from './control.js';
import type { Decider } from './decider.js';
import type { Metrics } from './metrics.js';
import type { WebhookRoute } from './webhooks.js';

/** The part of the ledger that the gateway uses: it reads what pages show, and never moves a finding. */
export type GatewayLedger = Pick<
  Ledger,
  | 'finding'
  | 'findings'
  | 'counts'
  | 'draft'
  | 'request'
  | 'requests'
  | 'changes'
  | 'modelCalls'
  | 'platformCalls'
  | 'audit'
  | 'auditOf'
  | 'verifyAudit'
  | 'auditHeads'
  | 'evidence'
  | 'measure'
  | 'putItem'
  | 'item'
  | 'removeItem'
  | 'claim'
  | 'held'
  | 'ping'
>;

/** A ticket of the embedded desk, as its page shows it. */
export interface InboxTicket {
  id: string;
  number: string;
  title: string;
  state: TicketState;
  severity: string;
  assignee?: string;
  team?: string;
  openedAtMs: number;
  decideUrl: string;
  body: readonly Block[];
  comments: readonly TicketComment[];
}
/** The embedded ticket desk, for its pages. */
export interface TicketShelf {
  list(): Promise<readonly InboxTicket[]>;
  ticket(id: string): Promise<InboxTicket | undefined>;
  addComment(input: { ticketId: string; author: string; text: string; atMs: number }): Promise<void>;
  close(input: { ticketId: string; by: string; atMs: number }): Promise<void>;
}

/** What became of a delivery of findings. */
export interface IntakeReceipt {
  received: number;
  new: number;
  changed: number;
  reopened: number;
  unchanged: number;
  quarantined: number;
  started: number;
  /** Kept without a life, since nobody has confirmed the source yet. */
  held: number;
}
/** Takes findings as a platform writes them. The stream is read as it comes; it is bounded by the gateway. */
export type Intake = (input: {
  source: FindingSource;
  body: Readable;
  via: 'webhook' | 'api';
}) => Promise<IntakeReceipt>;

/** What the gateway is told: addresses, limits and how long a session lasts. */
export interface GatewayConfig {
  /** Where people reach the gateway, without a path: `https://curtail.example.com`. */
  publicUrl: string;
  sessionTtlMinutes: number;
  /** Set on everything but plain-HTTP loopback. */
  secureCookies: boolean;
  /** Shown in the head of every page. */
  organisation?: string;
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
}

/** What a door for deliveries works with: whoever decides by chat or ticket decides here, like everybody else. */
export interface WebhookParts {
  decider: Decider;
  metrics: Metrics;
  /** Work that ends with the gateway. */
  onClose: (end: () => Promise<void>) => void;
  answerQuestion: GatewayDeps['answerQuestion'];
}

/** All that the gateway is given; it opens nothing itself. */
export interface GatewayDeps {
  ledger: GatewayLedger;
  directory: Directory;
  tickets?: TicketShelf;
  control: LifecycleControl;
  signer: GatewaySigner;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
  config: GatewayConfig;
  /** Delivers a one-time code to the person who asked for it, and to nobody else. */
  onSignInCode: (personId: string, code: string) => void;
  /** Answers a question about a draft from its facts; a model may help, and is then named. */
  answerQuestion: (input: {
    requestId: string;
    digest: string;
    findingKeys: readonly string[];
    personId: string;
    question: string;
  }) => Promise<{ text: string; llmSessionId?: string }>;
  /** The change as files that people can apply and review: Terraform, CloudFormation, CLI, policy. */
  renderFiles: (changes: readonly Change[]) => readonly { name: string; text: string }[];
  /** Who is, or can use, the identity under remediation. */
  separationFacts: (request: RequestRow) => Promise<SeparationFacts>;
  /** Who changed what at an ARN, or whether one of our changes caused a denial. */
  blame: (about: string) => Promise<BlameReport>;
  /** Told after a decision was taken, so that messages about it show the state; its failure changes nothing. */
  onDecided?: (requestId: string) => Promise<void>;
  intake?: Intake;
  quarantine?: QuarantineDesk;
  forecast?: ForecastDesk;
  /** Doors for deliveries from outside; opened once the gateway can decide. */
  openWebhooks?: (parts: WebhookParts) => readonly WebhookRoute[];
  /** Decodes payloads for the Temporal UI; absent where payloads are not encrypted. */
  codec?: CodecServer;
  /** Bearer token of the loopback API. */
  token: Secret;
}
