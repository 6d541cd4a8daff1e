import type { ChangeKind } from './change.js';
import type { ChangeHandler } from './handler.js';
import { accessKey } from './kinds/access-key.js';
import { accessLogging } from './kinds/access-logging.js';
import { databasePublicAccess } from './kinds/database-public-access.js';
import { encryption } from './kinds/encryption.js';
import { inlinePolicy } from './kinds/inline-policy.js';
import { managedPolicy } from './kinds/managed-policy.js';
import { policyAttachment } from './kinds/policy-attachment.js';
import { publicAccessBlock } from './kinds/public-access-block.js';
import { resourcePolicy } from './kinds/resource-policy.js';
import { role } from './kinds/role.js';
import { trustPolicy } from './kinds/trust-policy.js';

/** What each kind knows. A kind without a line here stops the build. */
const CHANGE_HANDLERS = {
  'inline-policy': inlinePolicy,
  'managed-policy': managedPolicy,
  'policy-attachment': policyAttachment,
  'trust-policy': trustPolicy,
  'access-key': accessKey,
  role,
  'public-access-block': publicAccessBlock,
  'resource-policy': resourcePolicy,
  encryption,
  'access-logging': accessLogging,
  'database-public-access': databasePublicAccess,
} as const satisfies Record<ChangeKind, ChangeHandler>;

/** The handler of a kind. */
export function handlerOf(kind: ChangeKind): ChangeHandler {
  return CHANGE_HANDLERS[kind];
}
