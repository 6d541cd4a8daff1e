import type { Adapter } from '../adapter.js';
import { jsonl } from './jsonl.js';
import type { Siem } from './port.js';
import { syslog } from './syslog.js';

/** Where audit events can be sent. */
export type SiemVendor = 'jsonl' | 'syslog';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const siemAdapters = { jsonl, syslog } satisfies Record<SiemVendor, Adapter<Siem>>;
