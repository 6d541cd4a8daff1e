import { isRecord } from '../../json.js';
import { editResource, required, resourceOf } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeState } from '../handler.js';

/** A database's public endpoint: `{"public": boolean}`. */
export const databasePublicAccessState: ChangeState = {
  read(account, target) {
    const database = resourceOf(account, required(target.arn, 'arn', 'database-public-access'));
    return { public: database['public'] === true };
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'database-public-access');
    const open = isRecord(state) ? state['public'] : undefined;
    if (typeof open !== 'boolean') {
      throw new ChangeError('Malformed', `${arn}: the state of a database's endpoint is {"public": boolean}`);
    }
    return editResource(account, arn, (database) => ({ ...database, public: open }));
  },
};
