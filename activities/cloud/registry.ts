import type { Adapter } from '../adapter.js';
import type { Cloud } from './port.js';
import { snapshot } from './snapshot.js';

/** Clouds that can be configured. */
export type CloudVendor = 'snapshot';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const cloudAdapters = { snapshot } satisfies Record<CloudVendor, Adapter<Cloud>>;
