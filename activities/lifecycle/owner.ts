import type { Finding } from '../../domain/finding/finding.js';
import type { OwnerRoute } from '../../domain/lifecycle/context.js';
import {
  decidesForTeam,
  OWNER_RULES_BUCKET,
  ownerRuleFor,
  ownerRuleText,
  readOwnerRuleSet,
} from '../../domain/ownership/rules.js';
import { administratorsOf } from '../../domain/ownership/trail.js';
import type { CmdbRecord } from '../cmdb/port.js';
import { knownAs } from '../directory/port.js';
import type { AccountSettings, LifecyclePorts } from './ports.js';

interface Known {
  finding: Finding;
  environment: string;
  tags: Readonly<Record<string, string>>;
  record: CmdbRecord | undefined;
  settings: AccountSettings | undefined;
}

/** What owners are found in. */
type OwnerPorts = Pick<LifecyclePorts, 'directory' | 'ledger' | 'cloud' | 'settings' | 'now'>;

const DAY_MS = 86_400_000;
/** Names of the log that are looked up in the directory. */
const MAX_ADMINISTRATORS = 20;

/** Tag names that customers use for an owner, first match wins. */
const OWNER_TAGS = ['owner', 'Owner', 'owner-email', 'contact'];
const TEAM_TAGS = ['team', 'Team', 'squad'];

/**
 * Who is asked, and how that was found: the CMDB, then the organisation's owner rules (a person of security saved
 * them, so they go before tags, which whoever owns the resource writes), then tags, then the account's owner, then
 * what the platform hints, then whom the log shows at work on it, then the team on call. Only people and teams of the directory count; a name that it does not know is not asked.
 */
export async function routeOwner(ports: OwnerPorts, known: Known): Promise<OwnerRoute> {
  const { record, settings, tags, finding } = known;
  const ruled = await ownerByRule(ports, known);
  const candidates: {
    person?: string | undefined;
    team?: string | undefined;
    how: string;
    inferred: boolean;
  }[] = [
    {
      person: record?.owner?.person,
      team: record?.owner?.team,
      how: `CMDB record ${record?.id ?? ''}`,
      inferred: false,
    },
    ...(ruled === undefined ? [] : [{ ...ruled, inferred: false }]),
    ...OWNER_TAGS.map((tag) => ({ person: own(tags, tag), how: `tag ${tag}`, inferred: false })),
    ...TEAM_TAGS.map((tag) => ({ team: own(tags, tag), how: `tag ${tag}`, inferred: false })),
    {
      person: settings?.owner?.person,
      team: settings?.owner?.team,
      how: 'owner of the account',
      inferred: false,
    },
    ...finding.ownerHints.map((hint) => ({
      person: hint,
      team: hint,
      how: `suggested by ${finding.source} (inferred)`,
      inferred: true,
    })),
  ];
  for (const { person, team, how, inferred } of candidates) {
    const route = await resolve(ports, person, team);
    if (route !== undefined) return { ...route, how, inferred };
  }
  const shown = await ownerByTrail(ports, finding);
  if (shown !== undefined) return shown;
  const { onCall } = ports.settings;
  const called = await resolve(ports, undefined, onCall);
  if (called !== undefined) return { ...called, how: `${onCall ?? ''} is on call`, inferred: false };
  return { personIds: [], how: 'no owner is recorded; the security team decides', inferred: false };
}

/** The first owner rule that holds, in the version that is in force now. */
async function ownerByRule(
  ports: Pick<LifecyclePorts, 'ledger' | 'now'>,
  { finding, environment, tags }: Known,
): Promise<{ person?: string | undefined; team?: string | undefined; how: string } | undefined> {
  const set = readOwnerRuleSet(await ports.ledger.item(OWNER_RULES_BUCKET, 'current', ports.now()));
  if (set === undefined) return undefined;
  const { account, source, kind, subject } = finding;
  const found = ownerRuleFor(set.rules, {
    account,
    environment,
    source,
    kind,
    arn: subject.id,
    name: subject.name,
    tags,
  });
  if (found === undefined) return undefined;
  const { rule, index } = found;
  const how = `owner rule ${index + 1} of version ${set.version}: ${ownerRuleText(rule)}`.slice(0, 300);
  return { person: rule.person, team: rule.team, how };
}

/** Whoever created the subject or changed it last, as far as the account's log goes back and the directory knows them. */
async function ownerByTrail(ports: OwnerPorts, finding: Finding): Promise<OwnerRoute | undefined> {
  const { account, subject } = finding;
  if (account === undefined || !(await ports.cloud.accounts()).includes(account)) return undefined;
  const toMs = ports.now();
  const { events } = await ports.cloud.readUsage({
    accountId: account,
    fromIso: new Date(toMs - ports.settings.usageDays * DAY_MS).toISOString(),
    toIso: new Date(toMs).toISOString(),
  });
  const seen = administratorsOf(events, { arn: subject.id, name: subject.name });
  for (const { name, did, atIso } of seen.slice(0, MAX_ADMINISTRATORS)) {
    const route = await resolve(ports, name, undefined);
    if (route === undefined) continue;
    const how = `${did} it on ${atIso.slice(0, 10)}, by the account's log (inferred)`;
    return { ...route, how, inferred: true };
  }
  return undefined;
}

async function resolve(
  ports: Pick<LifecyclePorts, 'directory'>,
  person: string | undefined,
  team: string | undefined,
): Promise<{ personIds: readonly string[]; team?: string } | undefined> {
  if (person !== undefined && person !== '') {
    const found = await knownAs(ports.directory, person);
    if (found !== undefined)
      return { personIds: [found.id], ...(found.team !== undefined && { team: found.team }) };
  }
  if (team !== undefined && team !== '') {
    const members = await ports.directory.team(team);
    const deciding = members.filter(decidesForTeam);
    if (deciding.length > 0) return { personIds: deciding.map((member) => member.id), team };
  }
  return undefined;
}

function own(tags: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(tags, name) ? tags[name] : undefined;
}
