import { z } from 'zod';
import { adapter } from '../../adapter.js';
import type { CnappSource, CnappTraits } from '../port.js';

/** Plain payloads are handed in; there is nothing to ask. */
export const genericTraits: CnappTraits = {
  vendor: 'generic',
  listsAreComplete: false,
  incremental: false,
  comments: 'none',
  status: 'none',
  assetTags: 'none',
  graph: false,
  rescan: 'wait',
  notifications: 'findings',
  webhookVerification: ['shared secret'],
};

const REFUSED = { refused: 'findings of this source are handed in; there is no platform to write to' };

/** A source that only receives: by webhook or by the API. */
export const generic = adapter(
  z.strictObject({}),
  (): CnappSource => ({
    traits: genericTraits,
    list: async () => ({ records: [] }),
    get: async () => undefined,
    context: async () => ({ reaches: [], reachedBy: [], notes: [] }),
    comment: async () => REFUSED,
    setStatus: async () => REFUSED,
    tagAsset: async () => REFUSED,
  }),
);
