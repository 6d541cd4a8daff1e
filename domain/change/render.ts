import { assertNever } from '../text/assert-never.js';
import type { Change } from './change.js';
import { handlerOf } from './kinds.js';
import { writeHcl } from './render/hcl.js';
import { writeShell } from './render/shell.js';
import { label } from './render/terraform.js';

/** Forms in which a change can be handed to people and pipelines. */
export const CHANGE_FORMATS = ['policy', 'terraform', 'cloudformation', 'cli'] as const;
export type ChangeFormat = (typeof CHANGE_FORMATS)[number];

/** A rendered file. The name has no folder. */
export interface RenderedFile {
  name: string;
  text: string;
}

/**
 * The change in one form. `policy` is the state itself as JSON (for documents: the policy document).
 * @throws ChangeError when this form cannot express the change, saying which can.
 */
export function renderChange(change: Change, format: ChangeFormat): { files: RenderedFile[] } {
  const handler = handlerOf(change.kind);
  const stem = stemOf(change);
  switch (format) {
    case 'policy':
      return { files: [{ name: `${stem}.json`, text: `${JSON.stringify(change.after, null, 2)}\n` }] };
    case 'terraform':
      return { files: [{ name: `${stem}.tf`, text: writeHcl(handler.terraform(change)) }] };
    case 'cloudformation':
      return { files: [{ name: `${stem}.template.json`, text: template(change) }] };
    case 'cli':
      return {
        files: [{ name: `${stem}.sh`, text: writeShell(handler.cli(change), handler.summary(change)) }],
      };
    default:
      return assertNever(format);
  }
}

/** The change in one sentence. */
export function summariseChange(change: Change): string {
  return handlerOf(change.kind).summary(change);
}

function template(change: Change): string {
  const handler = handlerOf(change.kind);
  const { resources, note } = handler.cloudformation(change);
  const description = note === undefined ? handler.summary(change) : `${handler.summary(change)} ${note}`;
  // CloudFormation refuses a description above 1,024 bytes.
  const body = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: description.slice(0, 1_000),
    Resources: resources,
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}

// Unique per target within a pull request: kind and the names that identify it.
function stemOf({ kind, target }: Change): string {
  const names = [target.principal, target.arn, target.name].filter((each) => each !== undefined);
  return label(kind, ...names.map(lastPart)).slice(0, 120);
}

function lastPart(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1);
}
