import type { ApprovalRequest } from '../../domain/approval/request.js';
import type { SeparationFacts } from '../../domain/approval/separation.js';
import type { Json } from '../../domain/json.js';
import { knownAs } from '../directory/port.js';
import type { LifecyclePorts } from './ports.js';

type Ports = Pick<LifecyclePorts, 'directory' | 'cloud' | 'ledger'>;

/**
 * Who is, or can use, the identity under remediation. A user is the person whose e-mail address or id the user's
 * name is; people who can assume a role are those its trust policy names by user, now or once the change is made: an
 * undo may give the role back to somebody.
 */
export async function separationFacts(
  ports: Ports,
  request: Pick<ApprovalRequest, 'identity' | 'digest'>,
): Promise<SeparationFacts> {
  const { identity } = request;
  if (identity === undefined) return { assumerIds: [] };
  const person = await personOf(ports, identity);
  const assumerIds = identity.includes(':role/') ? await assumers(ports, identity, request.digest) : [];
  return { assumerIds, ...(person !== undefined && { identityPersonId: person }) };
}

async function personOf(ports: Pick<LifecyclePorts, 'directory'>, arn: string): Promise<string | undefined> {
  const name = /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  if (name === undefined) return undefined;
  return (await knownAs(ports.directory, name))?.id;
}

async function assumers(ports: Ports, role: string, digest: string): Promise<readonly string[]> {
  const policies = [await trustOf(ports, role), await trustWanted(ports, role, digest)];
  const named = policies.flatMap((policy) => usersNamedIn(JSON.stringify(policy)));
  const people = await Promise.all([...new Set(named)].map((arn) => personOf(ports, arn)));
  return people.filter((id): id is string => id !== undefined);
}

async function trustOf(ports: Ports, role: string): Promise<unknown> {
  const account = role.split(':')[4];
  if (account === undefined || !(await ports.cloud.accounts()).includes(account)) return null;
  const details = await ports.cloud.readAccount(account);
  return (
    rolesOf(details).find((candidate) => candidate['Arn'] === role)?.['AssumeRolePolicyDocument'] ?? null
  );
}

/** The trust policies that the draft would give the role. */
async function trustWanted(ports: Ports, role: string, digest: string): Promise<Json> {
  const changes = (await ports.ledger.draft(digest))?.draft.changes ?? [];
  return changes
    .filter(({ kind, target }) => kind === 'trust-policy' && target.principal === role)
    .map((change) => change.after);
}

function usersNamedIn(text: string): readonly string[] {
  const plain = decodeURIComponent(text.replace(/%(?![0-9A-F]{2})/gi, '%25'));
  return plain.match(/arn:aws[^:]*:iam::\d{12}:user\/[\w+=,.@/-]+/g) ?? [];
}

function rolesOf(details: unknown): readonly Record<string, unknown>[] {
  const list = (details as { RoleDetailList?: unknown }).RoleDetailList;
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}
