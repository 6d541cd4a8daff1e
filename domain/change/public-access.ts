import { isRecord, type Json } from '../json.js';
import { asDocument, type Entity, records, without } from './entity.js';

/** The four switches of S3's public access block: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export const BLOCK_SWITCHES = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const;

/** Marks a resource that would be public if its block were lifted, so that lifting it again tells the truth. */
const LATENT = 'publicWithoutBlock';

/** Whether a public access block stops both public policies and public access lists. */
export function blocksEverything(block: Json | undefined): boolean {
  return isRecord(block) && block['RestrictPublicBuckets'] === true && block['IgnorePublicAcls'] === true;
}

/** The bucket with another public access block, and with `public` following from it. */
export function withBlock(resource: Entity, block: Json): Entity {
  const next =
    block === null ? without(resource, 'publicAccessBlock') : { ...resource, publicAccessBlock: block };
  if (blocksEverything(block)) {
    return resource['public'] === true ? { ...next, public: false, [LATENT]: true } : next;
  }
  return next[LATENT] === true ? { ...without(next, LATENT), public: true } : next;
}

/** The resource with another policy, and with `public` following from it where the policy is what made it public. */
export function withResourcePolicy(resource: Entity, document: Json): Entity {
  const next: Entity = document === null ? without(resource, 'policy') : { ...resource, policy: document };
  const was = grantsEveryone(resource['policy']);
  const is = grantsEveryone(document);
  if (was === is || resource['public'] === undefined) return next;
  if (!is) return { ...without(next, LATENT), public: false };
  return blocksEverything(resource['publicAccessBlock'] as Json | undefined)
    ? { ...next, [LATENT]: true }
    : { ...next, public: true };
}

/** Whether a resource policy allows everyone something without a condition, which is what AWS calls public. */
export function grantsEveryone(policy: unknown): boolean {
  const document = asDocument(policy);
  if (!isRecord(document)) return false;
  const statements = isRecord(document['Statement'])
    ? [document['Statement']]
    : records(document['Statement']);
  return statements.some(
    (statement) =>
      statement['Effect'] === 'Allow' &&
      isEveryone(statement['Principal']) &&
      statement['Condition'] === undefined,
  );
}

function isEveryone(principal: unknown): boolean {
  if (principal === '*') return true;
  const aws = isRecord(principal) ? principal['AWS'] : undefined;
  return aws === '*' || (Array.isArray(aws) && aws.includes('*'));
}
