import type { Adapter } from '../adapter.js';
import { consoleChat } from './console.js';
import type { Chat } from './port.js';

/** Chat products that can be configured. */
export type ChatVendor = 'console';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const chatAdapters = { console: consoleChat } satisfies Record<ChatVendor, Adapter<Chat>>;
