import { isRecord, type Json } from '../../json.js';
import type { Change } from '../change.js';
import { editResource, required, resourceOf } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { BLOCK_SWITCHES, withBlock } from '../public-access.js';
import type { HclValue } from '../render/hcl.js';
import { adopted, created, label, logicalId, removed } from '../render/terraform.js';
import { bucketName } from '../resource-name.js';

/** Terraform's names of the four switches, in the order of `BLOCK_SWITCHES`. */
const ARGUMENTS = [
  'block_public_acls',
  'ignore_public_acls',
  'block_public_policy',
  'restrict_public_buckets',
];

/** A bucket's public access block: S3's four booleans, or null when the bucket has none. */
export const publicAccessBlock: ChangeHandler = {
  read(account, target) {
    const bucket = resourceOf(account, required(target.arn, 'arn', 'public-access-block'));
    return (bucket['publicAccessBlock'] ?? null) as Json;
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'public-access-block');
    return editResource(account, arn, (bucket) => withBlock(bucket, state));
  },
  refusal(account, change) {
    const arn = required(change.target.arn, 'arn', 'public-access-block');
    resourceOf(account, arn);
    if (!arn.startsWith('arn:aws:s3:::'))
      return `${arn} is no bucket; only buckets have a public access block`;
    if (change.after === null || switchesOf(change.after) !== undefined) return undefined;
    return `${arn}: a public access block needs the four booleans ${BLOCK_SWITCHES.join(', ')}`;
  },
  summary(change) {
    const name = bucketOf(change);
    if (change.after === null) return `Remove the public access block of the bucket ${name}.`;
    const on = (switchesOf(change.after) ?? []).filter(([, value]) => value).length;
    return `Set the public access block of the bucket ${name}: ${on} of 4 switches on.`;
  },
  terraform(change) {
    const name = bucketOf(change);
    const type = 'aws_s3_bucket_public_access_block';
    if (change.after === null)
      return removed(type, label(name), name, `The public access block of ${name} goes`);
    const members: (readonly [string, HclValue])[] = [['bucket', { literal: name }]];
    for (const [index, [, value]] of checked(change).entries()) {
      members.push([ARGUMENTS[index] ?? '', { literal: value }]);
    }
    if (change.before === null) return [created(type, label(name), members)];
    return adopted(type, label(name), name, members);
  },
  cloudformation(change) {
    const name = bucketOf(change);
    if (change.after === null)
      return { resources: {}, note: `Remove PublicAccessBlockConfiguration of ${name}.` };
    return {
      resources: {
        [logicalId(name)]: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            BucketName: name,
            PublicAccessBlockConfiguration: Object.fromEntries(checked(change)),
          },
        },
      },
      note: 'Set this property in the template that makes the bucket; the others stay.',
    };
  },
  cli(change) {
    const bucket = ['--bucket', bucketOf(change)];
    if (change.after === null) return [['aws', 's3api', 'delete-public-access-block', ...bucket]];
    const configuration = checked(change)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    return [
      [
        'aws',
        's3api',
        'put-public-access-block',
        ...bucket,
        '--public-access-block-configuration',
        configuration,
      ],
    ];
  },
};

function bucketOf(change: Change): string {
  return bucketName(required(change.target.arn, 'arn', 'public-access-block'));
}

function switchesOf(state: Json): readonly (readonly [string, boolean])[] | undefined {
  if (!isRecord(state)) return undefined;
  const switches: [string, boolean][] = [];
  for (const key of BLOCK_SWITCHES) {
    const value = state[key];
    if (typeof value !== 'boolean') return undefined;
    switches.push([key, value]);
  }
  return switches;
}

function checked(change: Change): readonly (readonly [string, boolean])[] {
  const switches = switchesOf(change.after);
  if (switches !== undefined) return switches;
  throw new ChangeError(
    'Malformed',
    `a public access block needs the four booleans ${BLOCK_SWITCHES.join(', ')}`,
  );
}
