import type { Adapter } from '../adapter.js';
import { consoleChat } from './console.js';
import type { Chat } from './port.js';
import { slack } from './slack/slack.js';
import { teams } from './teams/teams.js';

/** Chat products that can be configured. */
export type ChatVendor = 'console' | 'slack' | 'teams';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const chatAdapters = { console: consoleChat, slack, teams } satisfies Record<
  ChatVendor,
  Adapter<Chat>
>;
