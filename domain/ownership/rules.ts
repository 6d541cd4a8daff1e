import type { Json } from '../json.js';
import { matchesStars } from '../text/star-pattern.js';

/** What a rule asks of a finding. Absent members ask nothing; all that are there must hold. `*` stands for any text. */
export interface OwnerCondition {
  account?: string;
  environment?: string;
  source?: string;
  kind?: string;
  /** ARN or name of the subject. */
  subject?: string;
  /** Tag name to the value it must have. */
  tags?: Readonly<Record<string, string>>;
}

/** Who is asked where a rule holds: one person or one team of the directory. */
export interface OwnerRule {
  when: OwnerCondition;
  person?: string;
  team?: string;
  note?: string;
}

/** The rules as one person saved them. Earlier versions stay readable. */
export interface OwnerRuleSet {
  /** Starts at 1; 0 means that no rule was ever saved. */
  version: number;
  rules: readonly OwnerRule[];
  savedBy: string;
  savedAtMs: number;
  /** Why they were saved. */
  note?: string;
}

/** What is known of a finding when its owner is looked for. */
export interface OwnedSubject {
  account?: string | undefined;
  environment?: string | undefined;
  source: string;
  kind: string;
  arn: string;
  name: string;
  tags: Readonly<Record<string, string>>;
}

/** Whether somebody of a team is asked in its name. */
export function decidesForTeam({ roles }: { roles: readonly string[] }): boolean {
  return roles.includes('owner') || roles.includes('approver');
}

/** Where the ledger keeps the rules: the newest under `current`, each version under its number. */
export const OWNER_RULES_BUCKET = 'owner-rules';
/** Rules in one set. */
export const MAX_OWNER_RULES = 2_000;
/** What stands in a finding's row where enrichment found no owner. */
export const NOBODY_KNOWN = 'nobody known';
/** No rule was ever saved. */
export const NO_OWNER_RULES: OwnerRuleSet = { version: 0, rules: [], savedBy: '', savedAtMs: 0 };

/** The first rule that holds, in the order in which they were written. */
export function ownerRuleFor(
  rules: readonly OwnerRule[],
  subject: OwnedSubject,
): { rule: OwnerRule; index: number } | undefined {
  const index = rules.findIndex((rule) => holds(rule.when, subject));
  const rule = rules[index];
  return rule === undefined ? undefined : { rule, index };
}

/** A rule in a person's words: `account 123456789012 and tag team=orders → team orders`. */
export function ownerRuleText({ when, person, team }: OwnerRule): string {
  const { tags = {}, ...fields } = when;
  const asked = [
    ...Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])),
    ...Object.entries(tags).map(([name, value]) => `tag ${name}=${value}`),
  ];
  return `${asked.join(' and ')} → ${person ?? `team ${team ?? ''}`}`;
}

/** Rules as the ledger keeps them; anything else is no rule set. */
export function readOwnerRuleSet(kept: Json | undefined): OwnerRuleSet | undefined {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return undefined;
  const { version, rules, savedBy, savedAtMs } = kept as Partial<Record<string, Json>>;
  if (typeof version !== 'number' || !Array.isArray(rules)) return undefined;
  if (typeof savedBy !== 'string' || typeof savedAtMs !== 'number') return undefined;
  return kept as unknown as OwnerRuleSet;
}

function holds(when: OwnerCondition, subject: OwnedSubject): boolean {
  if (!fits(when.account, subject.account)) return false;
  if (!fits(when.environment, subject.environment)) return false;
  if (!fits(when.source, subject.source)) return false;
  if (!fits(when.kind, subject.kind)) return false;
  if (!fits(when.subject, subject.arn) && !fits(when.subject, subject.name)) return false;
  return Object.entries(when.tags ?? {}).every(
    ([name, wanted]) => Object.hasOwn(subject.tags, name) && fits(wanted, subject.tags[name]),
  );
}

function fits(pattern: string | undefined, value: string | undefined): boolean {
  return pattern === undefined || (value !== undefined && matchesStars(pattern, value));
}
