import type { Adapter } from '../adapter.js';
import { inbox } from './inbox.js';
import { jira } from './jira/jira.js';
import type { TicketDesk } from './port.js';
import { servicenow } from './servicenow/servicenow.js';

/** Ticket systems that can be configured. */
export type ItsmVendor = 'inbox' | 'servicenow' | 'jira';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const itsmAdapters = { inbox, servicenow, jira } satisfies Record<ItsmVendor, Adapter<TicketDesk>>;
