import type { Json } from '../../json.js';
import { editResource, required, resourceOf, without } from '../entity.js';
import type { ChangeState } from '../handler.js';

/** A store's access log: `{"target": string}`, or null when it writes none. */
export const accessLoggingState: ChangeState = {
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
};
