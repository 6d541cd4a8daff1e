import type { HclBlock, HclValue } from './hcl.js';

/** A Terraform or CloudFormation name made of outside names: only letters, digits and underscores. */
export function label(...parts: readonly string[]): string {
  const text = parts
    .join('_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_');
  const trimmed = text.replaceAll(/^_+|_+$/g, '');
  return /^[a-z]/.test(trimmed) ? trimmed : `r_${trimmed}`;
}

/** A CloudFormation logical id: letters and digits. */
export function logicalId(...parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split(/[^A-Za-z0-9]+/))
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** What exists already and gets a new state: the resource, and the import that makes Terraform adopt it. */
export function adopted(
  type: string,
  name: string,
  id: string,
  members: readonly (readonly [string, HclValue])[],
  blocks: readonly HclBlock[] = [],
  comments: readonly string[] = [],
): readonly HclBlock[] {
  return [created(type, name, members, blocks, comments), importOf(type, name, id)];
}

/** What does not exist yet: the resource alone. */
export function created(
  type: string,
  name: string,
  members: readonly (readonly [string, HclValue])[],
  blocks: readonly HclBlock[] = [],
  comments: readonly string[] = [],
): HclBlock {
  return { type: 'resource', labels: [type, name], arguments: members, blocks, comments };
}

/**
 * What shall go. Terraform destroys it once its resource block is deleted and this block is applied.
 * https://developer.hashicorp.com/terraform/language/block/removed
 */
export function removed(type: string, name: string, id: string, what: string): readonly HclBlock[] {
  return [
    {
      comments: [
        `${what}: delete the resource block ${type}.${name} and apply this.`,
        `Is it not in Terraform's state yet? Then first: terraform import ${type}.${name} '${id}'`,
        `Shall Terraform only forget it? Then instead: terraform state rm ${type}.${name}`,
      ],
      type: 'removed',
      labels: [],
      arguments: [['from', { reference: `${type}.${name}` }]],
      blocks: [{ type: 'lifecycle', labels: [], arguments: [['destroy', { literal: true }]] }],
    },
  ];
}

/** Lets `terraform apply` adopt what is there instead of creating it. https://developer.hashicorp.com/terraform/language/block/import */
function importOf(type: string, name: string, id: string): HclBlock {
  return {
    comments: [
      'Needed only while Terraform does not manage it yet; delete this block after the first apply.',
    ],
    type: 'import',
    labels: [],
    arguments: [
      ['to', { reference: `${type}.${name}` }],
      ['id', { literal: id }],
    ],
  };
}

/** A string argument. */
export function text(value: string): HclValue {
  return { literal: value };
}
