import { ChangeError } from './error.js';

/** The parts of an ARN that renderers need. */
export interface ResourceArn {
  service: string;
  region: string;
  account: string;
  /** What follows the account, with its own slashes and colons. */
  rest: string;
}

/** Splits an ARN. @throws ChangeError `Malformed`. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function splitArn(arn: string): ResourceArn {
  const [prefix, partition, service, region, account, ...rest] = arn.split(':');
  if (
    prefix !== 'arn' ||
    !partition ||
    !service ||
    region === undefined ||
    account === undefined ||
    rest.length === 0
  ) {
    throw new ChangeError('Malformed', `${arn} is no ARN; use the ARN that AWS shows`);
  }
  return { service, region, account, rest: rest.join(':') };
}

/** A bucket's name from its ARN. @throws ChangeError `Malformed` when it is no bucket's. */
export function bucketName(arn: string): string {
  const { service, rest } = splitArn(arn);
  if (service !== 's3' || rest.includes('/') || rest === '') {
    throw new ChangeError('Malformed', `${arn} is no bucket; use arn:aws:s3:::name`);
  }
  return rest;
}

/** `--region …`, or nothing for services without regions. */
export function regionOption(arn: string): readonly string[] {
  const { region } = splitArn(arn);
  return region === '' ? [] : ['--region', region];
}

/** The last name in an ARN, after every slash and colon. */
export function lastName(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);
}
