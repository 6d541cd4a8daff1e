import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import { type Account, parseAccount } from '../../domain/graph/account.js';
import { freezeAt } from '../../domain/guardrail/freezes.js';
import { neverTouchReason } from '../../domain/guardrail/never-touch.js';
import type { Json } from '../../domain/json.js';
import type { BackedFact, BusinessContext } from '../../domain/lifecycle/context.js';
import { NOBODY_KNOWN } from '../../domain/ownership/rules.js';
import { citationsFor } from '../../domain/risk/regulations.js';
import type { CmdbRecord } from '../cmdb/port.js';
import type { Activities, Enriched } from '../contract.js';
import { heartbeat } from './heartbeat.js';
import { routeOwner } from './owner.js';
import { type AccountSettings, auditEach, type LifecyclePorts } from './ports.js';

/** Finds out what a finding means in this company: where it is, what it serves, whose it is, and whether it may be touched. */
export function createEnrich(ports: LifecyclePorts): Activities['enrich'] {
  return async (input) => {
    const rows = await Promise.all(input.keys.map((key) => ports.ledger.finding(key)));
    const [lead] = rows;
    if (lead === undefined)
      throw new Failure(FailureType.NotFound, `enriching: the ledger has no finding ${input.keys[0] ?? ''}`);
    const context = await businessContext(ports, lead.finding);
    heartbeat('context known');
    const { digest } = await ports.ledger.putEvidence({ kind: 'context', body: context as unknown as Json });
    const owner = context.owner.team ?? context.owner.personIds[0] ?? NOBODY_KNOWN;
    const atMs = ports.now();
    await ports.ledger.setStage(
      {
        keys: input.keys,
        stage: 'enriching',
        note: 'finding out what it means here',
        environment: context.environment,
        owner,
        atMs,
      },
      auditEach(
        input.keys,
        {
          id: `${input.workflowId}/enriched/g${input.generation}/${digest.slice(0, 12)}`,
          workflowId: input.workflowId,
          type: 'finding.enriched',
          actor: 'curtail',
          atMs,
        },
        { environment: context.environment, owner, context: digest, how: context.owner.how.slice(0, 200) },
      ),
    );
    return {
      resolvedAtSource: rows.every((row) => row?.sourceState === 'resolved'),
      neverTouch: context.neverTouch,
      environment: context.environment,
      owner,
      contextDigest: digest,
    } satisfies Enriched;
  };
}

/** Reads a context that `enrich` kept. @throws Failure when it was erased. */
export async function contextOf(
  ports: Pick<LifecyclePorts, 'ledger'>,
  digest: string,
): Promise<BusinessContext> {
  const kept = await ports.ledger.evidence(digest);
  if (kept === undefined)
    throw new Failure(FailureType.NotFound, 'preparing: the business context was erased; resume the finding');
  return kept as unknown as BusinessContext;
}

/** What is known today about where a finding's subject is, whose it is, and whether it may be touched. @param readAccount hands in accounts that were read already */
export async function businessContext(
  ports: LifecyclePorts,
  finding: Finding,
  readAccount: (id: string | undefined) => Promise<Account | undefined> = (id) => readable(ports, id),
): Promise<BusinessContext> {
  const account = await readAccount(finding.account);
  const settings = finding.account === undefined ? undefined : ports.settings.accounts[finding.account];
  const tags = tagsOf(finding, account);
  const { id: arn, name } = finding.subject;
  const record = await ports.cmdb.record({ arn, name, tags });
  const environment = environmentOf(tags, settings);
  const managedBy =
    finding.account === undefined || account === undefined
      ? undefined
      : await ports.cloud.managedBy(finding.account, targetOf(finding));
  const labels = dataLabels(finding, account);
  const regulations = [...new Set([...(record?.regulations ?? []), ...(settings?.regulations ?? [])])];
  return {
    environment,
    ...(finding.account !== undefined && { account: finding.account }),
    ...(settings?.name !== undefined && { accountName: settings.name }),
    ...pick('businessUnit', record?.businessUnit ?? settings?.businessUnit),
    ...pick('department', record?.department ?? settings?.department),
    ...pick('service', record?.service),
    ...((record?.criticality ?? settings?.criticality) !== undefined && {
      criticality: record?.criticality ?? settings?.criticality,
    }),
    facts: backedFacts(finding, tags, record, settings),
    dataLabels: labels,
    regulations: citationsFor(labels, regulations),
    internalPolicies: record?.internalPolicies ?? [],
    owner: await routeOwner(ports, { finding, environment, tags, record, settings }),
    neverTouch: neverTouchReason({ arn, name, tags }, ports.settings.neverTouch()),
    freeze: freezeAt(ports.settings.freezes(), {
      ...(finding.account !== undefined && { account: finding.account }),
      environment,
      nowMs: ports.now(),
    }),
    ...(managedBy !== undefined && { managedBy }),
    workloads: workloadsOf(arn, account),
    tags,
  } as BusinessContext;
}

/** The account, where it is configured. */
export async function readable(
  ports: LifecyclePorts,
  accountId: string | undefined,
): Promise<Account | undefined> {
  if (accountId === undefined || !(await ports.cloud.accounts()).includes(accountId)) return undefined;
  return parseAccount(await ports.cloud.readAccount(accountId));
}

/** The cloud's own tags win over what the platform reports. */
function tagsOf(finding: Finding, account: Account | undefined): Record<string, string> {
  const own =
    account?.principals.get(finding.subject.id)?.tags ?? account?.resources.get(finding.subject.id)?.tags;
  return { ...finding.tags, ...Object.fromEntries(own ?? []) };
}

const ENVIRONMENTS: Readonly<Record<string, BusinessContext['environment']>> = {
  prod: 'production',
  production: 'production',
  stage: 'staging',
  staging: 'staging',
  dev: 'development',
  development: 'development',
  test: 'development',
};

/** The account's configuration wins: a tag is written by whoever owns the resource. */
function environmentOf(
  tags: Readonly<Record<string, string>>,
  settings: AccountSettings | undefined,
): BusinessContext['environment'] {
  if (settings !== undefined && settings.environment !== 'unknown') return settings.environment;
  const written = (tags['env'] ?? tags['environment'] ?? tags['Environment'] ?? '').toLowerCase();
  return Object.hasOwn(ENVIRONMENTS, written) ? (ENVIRONMENTS[written] ?? 'unknown') : 'unknown';
}

function backedFacts(
  finding: Finding,
  tags: Readonly<Record<string, string>>,
  record: CmdbRecord | undefined,
  settings: AccountSettings | undefined,
): readonly BackedFact[] {
  const facts: BackedFact[] = [];
  const add = (label: string, value: string | undefined, source: string) => {
    if (value !== undefined && value !== '') facts.push({ label, value: value.slice(0, 300), source });
  };
  const cmdb = `cmdb:${record?.id ?? ''}`;
  add('Service', record?.service, cmdb);
  add('Business unit', record?.businessUnit, cmdb);
  add('Department', record?.department, cmdb);
  add('Criticality', record?.criticality, cmdb);
  add('Account', settings?.name, `configuration:accounts.${finding.account ?? ''}`);
  for (const [name, value] of Object.entries(tags).slice(0, 20))
    add(`Tag ${name}`.slice(0, 80), value, `tag:${name}`.slice(0, 80));
  return facts;
}

function dataLabels(finding: Finding, account: Account | undefined): readonly string[] {
  const sensitivity = account?.resources.get(finding.subject.id)?.sensitivity;
  return [...new Set([...finding.labels, ...(sensitivity === undefined ? [] : [sensitivity])])];
}

function workloadsOf(arn: string, account: Account | undefined): BusinessContext['workloads'] {
  if (account === undefined) return [];
  return [...account.resources.values()]
    .filter((resource) => resource.role === arn)
    .map(({ arn: id, type }) => ({ arn: id, type }));
}

function targetOf(finding: Finding): { principal?: string; arn?: string } {
  return finding.subject.type === 'store' ? { arn: finding.subject.id } : { principal: finding.subject.id };
}

function pick(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
