import { isRecord, type Json } from '../../json.js';
import type { Change } from '../change.js';
import { editResource, required, resourceOf } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { adopted, label, logicalId, text } from '../render/terraform.js';
import { lastName, regionOption, splitArn } from '../resource-name.js';

const SHAPE = 'the state of a database\'s endpoint is {"public": boolean}';

/** A database's public endpoint: `{"public": boolean}`. */
export const databasePublicAccess: ChangeHandler = {
  read(account, target) {
    const database = resourceOf(account, required(target.arn, 'arn', 'database-public-access'));
    return { public: database['public'] === true };
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'database-public-access');
    const open = publicOf(state);
    return editResource(account, arn, (database) => ({ ...database, public: open }));
  },
  refusal(account, change) {
    const arn = arnOf(change);
    resourceOf(account, arn);
    const { service, rest } = splitArn(arn);
    if (service !== 'rds' || !rest.startsWith('db:'))
      return `${arn} is no RDS instance; close its endpoint where it is made`;
    return isRecord(change.after) && typeof change.after['public'] === 'boolean'
      ? undefined
      : `${arn}: ${SHAPE}`;
  },
  summary(change) {
    const name = lastName(arnOf(change));
    return publicOf(change.after)
      ? `Give the database ${name} a public address.`
      : `Take the public address from the database ${name}; clients inside its network stay connected.`;
  },
  terraform(change) {
    const name = lastName(arnOf(change));
    return adopted(
      'aws_db_instance',
      label(name),
      name,
      [
        ['identifier', text(name)],
        ['publicly_accessible', { literal: publicOf(change.after) }],
      ],
      [],
      ['Of the existing instance only this argument changes; keep the others.'],
    );
  },
  cloudformation(change) {
    const name = lastName(arnOf(change));
    return {
      resources: {
        [logicalId(name)]: {
          Type: 'AWS::RDS::DBInstance',
          Properties: { DBInstanceIdentifier: name, PubliclyAccessible: publicOf(change.after) },
        },
      },
      note: 'Set this property in the template that makes the instance; the others stay.',
    };
  },
  cli(change) {
    const arn = arnOf(change);
    const flag = publicOf(change.after) ? '--publicly-accessible' : '--no-publicly-accessible';
    const named = ['--db-instance-identifier', lastName(arn), flag, '--apply-immediately'];
    return [['aws', 'rds', 'modify-db-instance', ...named, ...regionOption(arn)]];
  },
};

function arnOf(change: Change): string {
  return required(change.target.arn, 'arn', 'database-public-access');
}

function publicOf(state: Json): boolean {
  const open = isRecord(state) ? state['public'] : undefined;
  if (typeof open !== 'boolean') throw new ChangeError('Malformed', SHAPE);
  return open;
}
