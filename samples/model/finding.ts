/** The platforms whose exports are written. */
export type Source = 'wiz' | 'prisma' | 'orca' | 'lacework';

/** What the scanner looks at to tell whether a finding is still true. */
export type Check =
  /** Some of these actions is still allowed to the role. */
  | { type: 'allows'; principal: string; actions: readonly string[] }
  /** All of these actions are still allowed to the role. */
  | { type: 'allows-all'; principal: string; actions: readonly string[] }
  | { type: 'role-usable'; principal: string }
  | { type: 'key-active'; principal: string; key: string }
  | { type: 'public'; resource: string }
  | { type: 'unencrypted'; resource: string }
  | { type: 'unlogged'; resource: string }
  | { type: 'always' };

/** One problem of the organisation, from which each platform's record of it is written. */
export interface SampleFinding {
  key: string;
  source: Source;
  /** The platform's own id. */
  id: string;
  account: string;
  severity: 'critical' | 'high' | 'medium' | 'low' | 'info';
  title: string;
  /** The platform's free text. */
  text: string;
  /** ARN of what it is about. */
  subject: string;
  /** Permissions the platform says are granted, and those it saw no use of. */
  granted?: readonly string[];
  unused?: readonly string[];
  lastUsed?: string;
  firstSeen: string;
  check: Check;
}
