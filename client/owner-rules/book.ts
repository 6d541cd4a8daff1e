import { type Directory, knownAs } from '../../activities/directory/port.js';
import type { FindingRow, Ledger } from '../../activities/ledger/port.js';
import type { Json } from '../../domain/json.js';
import {
  decidesForTeam,
  NO_OWNER_RULES,
  NOBODY_KNOWN,
  OWNER_RULES_BUCKET,
  type OwnedSubject,
  type OwnerRule,
  type OwnerRuleSet,
  ownerRuleFor,
  readOwnerRuleSet,
} from '../../domain/ownership/rules.js';

/** The part of the ledger that keeps the rules. */
export type RulesLedger = Pick<Ledger, 'item' | 'putItem' | 'removeItem' | 'claim' | 'audit'>;

/** How long one save may take, in milliseconds, before the next may begin. */
const SAVE_TTL_MS = 10_000;
/** Findings that a preview looks at; the riskiest come first. */
const PREVIEWED = 5_000;

/** The rules in force, or none. */
export async function ownerRules(ledger: Pick<Ledger, 'item'>, nowMs: number): Promise<OwnerRuleSet> {
  return readOwnerRuleSet(await ledger.item(OWNER_RULES_BUCKET, 'current', nowMs)) ?? NO_OWNER_RULES;
}

/** Earlier versions, newest first. */
export async function ownerRulesHistory(
  ledger: Pick<Ledger, 'item'>,
  nowMs: number,
  limit = 20,
): Promise<readonly OwnerRuleSet[]> {
  const { version } = await ownerRules(ledger, nowMs);
  const versions = Array.from({ length: Math.min(version, limit) }, (_, index) => version - index);
  const kept = await Promise.all(versions.map((each) => ledger.item(OWNER_RULES_BUCKET, `v${each}`, nowMs)));
  return kept.flatMap((each) => readOwnerRuleSet(each) ?? []);
}

/**
 * Saves rules as the next version, audited. Refuses when somebody saved another version since `baseVersion` was read,
 * so that nobody's rules are overwritten unseen.
 */
export async function saveOwnerRules(
  ledger: RulesLedger,
  input: { baseVersion: number; rules: readonly OwnerRule[]; savedBy: string; note?: string; nowMs: number },
): Promise<{ outcome: 'saved'; set: OwnerRuleSet } | { outcome: 'overtaken'; by: string }> {
  const { nowMs } = input;
  const lock = { bucket: 'owner-rules-save', key: 'lock' };
  if (!(await ledger.claim({ ...lock, expiresAtMs: nowMs + SAVE_TTL_MS, nowMs })))
    return { outcome: 'overtaken', by: 'somebody who is saving right now' };
  try {
    const current = await ownerRules(ledger, nowMs);
    if (current.version !== input.baseVersion) return { outcome: 'overtaken', by: current.savedBy };
    const set: OwnerRuleSet = {
      version: current.version + 1,
      rules: input.rules,
      savedBy: input.savedBy,
      savedAtMs: nowMs,
      ...(input.note !== undefined && { note: input.note }),
    };
    const value = set as unknown as Json;
    await ledger.putItem({ bucket: OWNER_RULES_BUCKET, key: `v${set.version}`, value });
    await ledger.audit([
      {
        id: `owner-rules/v${set.version}/${nowMs}`,
        stream: 'owner-rules',
        type: 'owner-rules.saved',
        actor: input.savedBy,
        atMs: nowMs,
        fields: { version: set.version, rules: set.rules.length },
        body: value,
      },
    ]);
    await ledger.putItem({ bucket: OWNER_RULES_BUCKET, key: 'current', value });
    return { outcome: 'saved', set };
  } finally {
    await ledger.removeItem(lock.bucket, lock.key);
  }
}

/** What a set of rules would do to the findings that are there. */
export interface RulesPreview {
  /** One entry a rule, in order. */
  rules: readonly {
    rule: OwnerRule;
    /** Findings without an owner that it would route. */
    unowned: number;
    /** Findings that have an owner by another way, and would be asked of this one from their next generation on. */
    owned: number;
    /** Why nobody would be asked: the directory does not know the name, or the team has nobody who decides. */
    fault?: string;
    examples: readonly { key: string; title: string }[];
  }[];
  /** Findings that would still have no owner. */
  left: number;
  looked: number;
}

/** Tries rules on the live findings; changes nothing. */
export async function previewOwnerRules(
  on: { ledger: Pick<Ledger, 'findings' | 'draft'>; directory: Directory },
  rules: readonly OwnerRule[],
): Promise<RulesPreview> {
  const rows = await on.ledger.findings({ live: true, limit: PREVIEWED });
  const faults = await Promise.all(rules.map((rule) => faultOf(on.directory, rule)));
  const tally = rules.map(() => ({ unowned: 0, owned: 0, examples: [] as { key: string; title: string }[] }));
  let left = 0;
  for (const row of rows) {
    const unowned = isUnowned(row);
    const found = ownerRuleFor(rules, await subjectOf(on.ledger, row, unowned));
    const entry = found === undefined ? undefined : tally[found.index];
    if (unowned && (found === undefined || faults[found.index] !== undefined)) left += 1;
    if (entry === undefined) continue;
    entry[unowned ? 'unowned' : 'owned'] += 1;
    if (unowned && entry.examples.length < 3) entry.examples.push({ key: row.key, title: row.finding.title });
  }
  return {
    looked: rows.length,
    left,
    rules: rules.map((rule, index) => {
      const fault = faults[index];
      return {
        rule,
        ...(tally[index] ?? { unowned: 0, owned: 0, examples: [] }),
        ...(fault !== undefined && { fault }),
      };
    }),
  };
}

/** Live findings whose owner nobody knows, grouped so that one rule covers many. */
export interface UnownedGroup {
  account: string | undefined;
  /** A tag that says something about a team, as it is written. */
  tag: { name: string; value: string } | undefined;
  rows: readonly FindingRow[];
}

const TELLING_TAGS = ['team', 'Team', 'squad', 'owner', 'Owner', 'service', 'application', 'project'];

/** Groups of live findings without an owner, the largest first. */
export async function unownedGroups(
  ledger: Pick<Ledger, 'findings' | 'draft'>,
): Promise<readonly UnownedGroup[]> {
  const rows = (await ledger.findings({ live: true, limit: PREVIEWED })).filter(isUnowned);
  const groups = new Map<
    string,
    { account: string | undefined; tag: UnownedGroup['tag']; rows: FindingRow[] }
  >();
  for (const row of rows) {
    const { tags } = await subjectOf(ledger, row, true);
    const name = TELLING_TAGS.find((each) => Object.hasOwn(tags, each));
    const tag = name === undefined ? undefined : { name, value: tags[name] ?? '' };
    const { account } = row.finding;
    const key = JSON.stringify([account, tag]);
    const group = groups.get(key) ?? { account, tag, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.rows.length - a.rows.length);
}

function isUnowned(row: FindingRow): boolean {
  return row.owner === NOBODY_KNOWN;
}

/** The tags that enrichment found, where a draft kept them; those of the finding otherwise. */
async function subjectOf(
  ledger: Pick<Ledger, 'draft'>,
  row: FindingRow,
  exact: boolean,
): Promise<OwnedSubject> {
  const { finding, environment, draftDigest } = row;
  const drafted = exact && draftDigest !== undefined ? await ledger.draft(draftDigest) : undefined;
  return {
    account: finding.account,
    environment,
    source: finding.source,
    kind: finding.kind,
    arn: finding.subject.id,
    name: finding.subject.name,
    tags: drafted?.context.tags ?? finding.tags,
  };
}

async function faultOf(directory: Directory, { person, team }: OwnerRule): Promise<string | undefined> {
  if (person !== undefined) {
    const found = await knownAs(directory, person);
    return found === undefined ? `the directory knows nobody called ${person}` : undefined;
  }
  const members = await directory.team(team ?? '');
  if (members.length === 0) return `the directory knows no team ${team ?? ''}`;
  if (!members.some(decidesForTeam)) return `nobody of team ${team ?? ''} has the role owner or approver`;
  return undefined;
}
