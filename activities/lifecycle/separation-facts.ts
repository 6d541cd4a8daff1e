import type { ApprovalRequest } from '../../domain/approval/request.js';
import type { SeparationFacts } from '../../domain/approval/separation.js';
import type { LifecyclePorts } from './ports.js';

/**
 * Who is, or can use, the identity under remediation. A user is the person whose e-mail address or id the user's
 * name is; people who can assume a role are those its trust policy names by user.
 */
export async function separationFacts(
  ports: Pick<LifecyclePorts, 'directory' | 'cloud'>,
  request: Pick<ApprovalRequest, 'identity'>,
): Promise<SeparationFacts> {
  const { identity } = request;
  if (identity === undefined) return { assumerIds: [] };
  const person = await personOf(ports, identity);
  const assumerIds = identity.includes(':role/') ? await assumers(ports, identity) : [];
  return { assumerIds, ...(person !== undefined && { identityPersonId: person }) };
}

async function personOf(ports: Pick<LifecyclePorts, 'directory'>, arn: string): Promise<string | undefined> {
  const name = /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  if (name === undefined) return undefined;
  const known = (await ports.directory.person(name)) ?? (await ports.directory.byEmail(name));
  return known?.id;
}

async function assumers(
  ports: Pick<LifecyclePorts, 'directory' | 'cloud'>,
  role: string,
): Promise<readonly string[]> {
  const account = role.split(':')[4];
  if (account === undefined || !(await ports.cloud.accounts()).includes(account)) return [];
  const details = await ports.cloud.readAccount(account);
  const trust = JSON.stringify(
    rolesOf(details).find((candidate) => candidate['Arn'] === role)?.['AssumeRolePolicyDocument'] ?? {},
  );
  const named =
    decodeURIComponent(trust.replace(/%(?![0-9A-F]{2})/gi, '%25')).match(
      /arn:aws[^:]*:iam::\d{12}:user\/[\w+=,.@/-]+/g,
    ) ?? [];
  const people = await Promise.all(named.map((arn) => personOf(ports, arn)));
  return people.filter((id): id is string => id !== undefined);
}

function rolesOf(details: unknown): readonly Record<string, unknown>[] {
  const list = (details as { RoleDetailList?: unknown }).RoleDetailList;
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}
