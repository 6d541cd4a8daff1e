import { z } from 'zod';
import type { ChangeTarget } from '../../domain/change/change.js';
import type { AccountInput } from '../../domain/graph/account.js';
import { isRecord } from '../../domain/json.js';
import type { ManagedBy } from './port.js';

/** A Terraform state file, format 4, as far as it is read. */
const StateFile = z.looseObject({
  version: z.literal(4),
  resources: z.array(
    z.looseObject({
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      module: z.string().optional(),
      instances: z.array(
        z.looseObject({ attributes: z.looseObject({ arn: z.string().optional() }).nullish() }),
      ),
    }),
  ),
});

/** Addresses (`module.app.aws_iam_role.worker`) by ARN of what a Terraform state file manages. @throws ZodError */
export function addressesInState(state: unknown): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>();
  for (const resource of StateFile.parse(state).resources) {
    if (resource.mode !== 'managed') continue;
    const address = [resource.module, resource.type, resource.name]
      .filter((part) => part !== undefined)
      .join('.');
    for (const instance of resource.instances) {
      const arn = instance.attributes?.arn;
      if (arn !== undefined) addresses.set(arn, address);
    }
  }
  return addresses;
}

/**
 * Which infrastructure code owns a target: a state file's word first, then the tags that tools and teams set.
 * Inline policies, attachments and trust policies belong to whoever owns their principal.
 */
export function ownerOf(
  account: AccountInput,
  target: ChangeTarget,
  addresses: ReadonlyMap<string, string>,
): ManagedBy | undefined {
  const arn = target.principal ?? target.arn;
  if (arn === undefined) return undefined;
  const address = addresses.get(arn);
  if (address !== undefined) return { tool: 'terraform', evidence: `${address} in the Terraform state` };
  return byTags(tagsOf(account, arn));
}

const TOOLS = ['terraform', 'cloudformation', 'cdk', 'pulumi'] as const;

function byTags(tags: ReadonlyMap<string, string>): ManagedBy | undefined {
  const stack = tags.get('aws:cloudformation:stack-name');
  if (stack !== undefined)
    return { tool: 'cloudformation', evidence: `the tag aws:cloudformation:stack-name is ${stack}` };
  for (const [key, value] of tags) {
    if (!['managedby', 'provisionedby', 'iac'].includes(key.toLowerCase().replaceAll(/[^a-z]/g, '')))
      continue;
    const tool = TOOLS.find((each) => value.toLowerCase().includes(each));
    if (tool !== undefined) return { tool, evidence: `the tag ${key} is ${value}` };
  }
  return undefined;
}

/** Tags of a principal, policy or resource, whatever form they come in. */
function tagsOf(account: AccountInput, arn: string): ReadonlyMap<string, string> {
  const principals = [
    ...(account.RoleDetailList ?? []),
    ...(account.UserDetailList ?? []),
    ...(account.Policies ?? []),
  ];
  const principal: Record<string, unknown> | undefined = principals.find((each) => each.Arn === arn) as never;
  if (principal !== undefined) return pairs(principal['Tags']);
  return pairs(account.resources?.find((each) => each.arn === arn)?.tags);
}

function pairs(tags: unknown): ReadonlyMap<string, string> {
  if (Array.isArray(tags)) {
    return new Map(tags.filter(isRecord).map((tag) => [String(tag['Key']), String(tag['Value'])] as const));
  }
  return new Map(
    isRecord(tags) ? Object.entries(tags).map(([key, value]) => [key, String(value)] as const) : [],
  );
}
