import type { Adapter } from '../adapter.js';
import { inbox } from './inbox.js';
import type { TicketDesk } from './port.js';

/** Ticket systems that can be configured. */
export type ItsmVendor = 'inbox';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const itsmAdapters = { inbox } satisfies Record<ItsmVendor, Adapter<TicketDesk>>;
