import { isRecord, type Json } from '../../json.js';
import type { Change } from '../change.js';
import { editResource, required, resourceOf, without } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { adopted, created, label, logicalId, removed, text } from '../render/terraform.js';
import { bucketName } from '../resource-name.js';

const TYPE = 'aws_s3_bucket_logging';
const SHAPE = 'the state of access logging is {"target": "bucket/prefix"} or null';

/** A bucket's server access log: `{"target": "bucket/prefix"}`, or null when it writes none. */
export const accessLogging: ChangeHandler = {
  read(account, target) {
    const store = resourceOf(account, required(target.arn, 'arn', 'access-logging'));
    return (store['logging'] ?? null) as Json;
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'access-logging');
    return editResource(account, arn, (store) =>
      state === null ? without(store, 'logging') : { ...store, logging: state },
    );
  },
  refusal(account, change) {
    const arn = required(change.target.arn, 'arn', 'access-logging');
    resourceOf(account, arn);
    if (!arn.startsWith('arn:aws:s3:::')) {
      return `${arn}: only buckets write an access log; log this store's data events with CloudTrail instead`;
    }
    if (change.after === null || targetOf(change.after) !== undefined) return undefined;
    return `${arn}: ${SHAPE}`;
  },
  summary(change) {
    const name = bucketOf(change);
    const target = targetOf(change.after);
    if (target === undefined) return `Stop the access log of the bucket ${name}.`;
    return `Write the access log of the bucket ${name} to ${target.bucket}/${target.prefix}.`;
  },
  terraform(change) {
    const name = bucketOf(change);
    if (change.after === null) return removed(TYPE, label(name), name, `The access log of ${name} goes`);
    const { bucket, prefix } = checked(change);
    const members = [
      ['bucket', text(name)],
      ['target_bucket', text(bucket)],
      ['target_prefix', text(prefix)],
    ] as const;
    return change.before === null
      ? [created(TYPE, label(name), members)]
      : adopted(TYPE, label(name), name, members);
  },
  cloudformation(change) {
    const name = bucketOf(change);
    if (change.after === null) return { resources: {}, note: `Remove LoggingConfiguration of ${name}.` };
    const { bucket, prefix } = checked(change);
    return {
      resources: {
        [logicalId(name)]: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            BucketName: name,
            LoggingConfiguration: { DestinationBucketName: bucket, LogFilePrefix: prefix },
          },
        },
      },
      note: 'Set this property in the template that makes the bucket; the others stay.',
    };
  },
  cli(change) {
    const target = change.after === null ? undefined : checked(change);
    const status =
      target === undefined
        ? {}
        : { LoggingEnabled: { TargetBucket: target.bucket, TargetPrefix: target.prefix } };
    const bucket = ['--bucket', bucketOf(change)];
    return [
      ['aws', 's3api', 'put-bucket-logging', ...bucket, '--bucket-logging-status', JSON.stringify(status)],
    ];
  },
};

function bucketOf(change: Change): string {
  return bucketName(required(change.target.arn, 'arn', 'access-logging'));
}

function targetOf(state: Json): { bucket: string; prefix: string } | undefined {
  const target = isRecord(state) ? state['target'] : undefined;
  if (typeof target !== 'string' || target === '') return undefined;
  const slash = target.indexOf('/');
  if (slash < 0) return { bucket: target, prefix: '' };
  return { bucket: target.slice(0, slash), prefix: target.slice(slash + 1) };
}

function checked(change: Change): { bucket: string; prefix: string } {
  const target = targetOf(change.after);
  if (target === undefined) throw new ChangeError('Malformed', SHAPE);
  return target;
}
