import type { ChangeKind } from './change.js';
import type { ChangeState } from './handler.js';
import { accessKeyState } from './kinds/access-key.js';
import { accessLoggingState } from './kinds/access-logging.js';
import { databasePublicAccessState } from './kinds/database-public-access.js';
import { encryptionState } from './kinds/encryption.js';
import { inlinePolicyState } from './kinds/inline-policy.js';
import { managedPolicyState } from './kinds/managed-policy.js';
import { policyAttachmentState } from './kinds/policy-attachment.js';
import { publicAccessBlockState } from './kinds/public-access-block.js';
import { resourcePolicyState } from './kinds/resource-policy.js';
import { roleState } from './kinds/role.js';
import { trustPolicyState } from './kinds/trust-policy.js';

/** How each kind is read and written. A kind without a line here stops the build. */
export const CHANGE_STATES = {
  'inline-policy': inlinePolicyState,
  'managed-policy': managedPolicyState,
  'policy-attachment': policyAttachmentState,
  'trust-policy': trustPolicyState,
  'access-key': accessKeyState,
  role: roleState,
  'public-access-block': publicAccessBlockState,
  'resource-policy': resourcePolicyState,
  encryption: encryptionState,
  'access-logging': accessLoggingState,
  'database-public-access': databasePublicAccessState,
} as const satisfies Record<ChangeKind, ChangeState>;
