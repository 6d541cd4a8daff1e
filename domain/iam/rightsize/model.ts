import type { Json } from '../../json.js';
import type { ActionReason, Justification, Proof } from '../../proof/proof.js';
import type { LoggingScope } from '../../usage/logging.js';
import type { UsageLog } from '../../usage/usage.js';

/** A policy that is to be right-sized, as the command-line contract writes it. */
export interface SizedPolicy {
  name: string;
  arn?: string;
  managed: 'inline' | 'customer' | 'aws';
  /** ARNs of everything that a managed policy is attached to. */
  attachedTo?: readonly string[];
  /** What holds an inline policy, which decides its size limit; absent: read from `attachedTo`. */
  holder?: 'user' | 'role' | 'group';
  document: Json;
}

/** How far a statement's resources are narrowed: not at all, to what was seen, or to prefixes mined from it. */
export type ResourceMode = 'leave' | 'exact' | 'prefix';

/** How far right-sizing goes: resources, logging, dependent actions. */
export interface RightsizeOptions {
  resources: ResourceMode;
  logging: LoggingScope;
  /** Keeps the actions that a used action depends on. */
  keepDependent: boolean;
  /** Actions that a person wants to keep, with the person's reason. */
  keepActions?: readonly string[];
  keepReason?: string;
  /** Actions to take away although the log cannot show them (a path's permission), with the reason. */
  dropActions?: ReadonlyMap<string, string>;
  /** What the attached workloads need from their platform: action (lower case) → why. */
  serviceNeeds?: ReadonlyMap<string, string>;
  /** Whose usage the log covers; absent: whoever has a row in it, and the principal itself. */
  covered?: 'all' | readonly string[];
  /** Managed policies that are left as they are here, by ARN, with the reason: they are decided on their own. */
  decidedElsewhere?: ReadonlyMap<string, string>;
}

/** Policies, the usage to keep, and the time it was observed in. */
export interface RightsizeInput {
  principal?: string;
  policies: readonly SizedPolicy[];
  usage: UsageLog;
  window: { fromIso: string; toIso: string };
  options: RightsizeOptions;
  now: () => number;
  /** SHA-256 in hex. */
  digest: (text: string) => string;
}

/** A policy that stays as it is, and why. */
export interface Untouched {
  policy: string;
  reasonCode: string;
  reason: string;
}

/** Right-sized policies, with a reason for everything that went or stayed. */
export interface RightsizeResult {
  /** In the order of the input; an emptied policy has an empty list of statements. */
  policies: readonly SizedPolicy[];
  removed: readonly ActionReason[];
  kept: readonly ActionReason[];
  justification: readonly Justification[];
  /** Used high-risk actions, which therefore stay. */
  usedHighRisk: readonly ActionReason[];
  untouched: readonly Untouched[];
  blindSpots: readonly string[];
  proof: Pick<Proof, 'verdict' | 'noNewAccess' | 'usage' | 'engine' | 'catalogue'>;
}
