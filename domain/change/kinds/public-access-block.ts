import type { Json } from '../../json.js';
import { editResource, required, resourceOf } from '../entity.js';
import type { ChangeState } from '../handler.js';
import { withBlock } from '../public-access.js';

/** A bucket's public access block: S3's four booleans, or null when the bucket has none. */
export const publicAccessBlockState: ChangeState = {
  read(account, target) {
    const bucket = resourceOf(account, required(target.arn, 'arn', 'public-access-block'));
    return (bucket['publicAccessBlock'] ?? null) as Json;
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'public-access-block');
    return editResource(account, arn, (bucket) => withBlock(bucket, state));
  },
};
