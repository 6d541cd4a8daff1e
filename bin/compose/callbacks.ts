import type { AdapterDeps } from '../../activities/adapter.js';
import { JiraConfig } from '../../activities/itsm/jira/config.js';
import type { ItsmVendor } from '../../activities/itsm/registry.js';
import { itsmAdapters } from '../../activities/itsm/registry.js';
import { ServiceNowConfig } from '../../activities/itsm/servicenow/config.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { isVendor } from '../../activities/vendor.js';
import { openApprovalSweep } from '../../client/callbacks/approval-sweep.js';
import { jiraCallbacks } from '../../client/callbacks/jira.js';
import { serviceNowCallbacks } from '../../client/callbacks/servicenow.js';
import { deliverTicketDecisions } from '../../client/callbacks/ticket-decisions.js';
import type { LookAtTicket } from '../../client/callbacks/ticket-route.js';
import type { WebhookParts } from '../../client/gateway/deps.js';
import type { WebhookRoute } from '../../client/gateway/webhooks.js';
import type { ReadHinted } from '../../client/hints.js';
import type { LoadedConfig } from '../../runtime/config.js';
import { openChatCallbacks } from './chat-callbacks.js';
import { openFindingDoors } from './finding-doors.js';

/** Makes the doors once the gateway can decide. Secrets are read before, so that a missing one stops the start. */
export type OpenWebhooks = (parts: WebhookParts) => readonly WebhookRoute[];

/** Tickets are read for decisions no more often than this. */
const SWEEP_EVERY_MS = 60_000;

/** What callbacks are opened from. */
export interface CallbackSources {
  loaded: LoadedConfig;
  ports: LifecyclePorts;
  publicUrl: string;
  resolveSecret: AdapterDeps['resolveSecret'];
  readHinted: ReadHinted;
}

type OpenTicketDoors = (look: LookAtTicket) => readonly WebhookRoute[];

/** Reads every vendor's `callbacks` from the configuration. What is not configured has no door. */
export async function openCallbacks(sources: CallbackSources): Promise<OpenWebhooks> {
  const { vendor, settings } = sources.loaded.config.itsm;
  const ticketDoors = isVendor<ItsmVendor>(itsmAdapters, vendor)
    ? await TICKET_DOORS[vendor](settings, sources)
    : () => [];
  const findingDoors = await openFindingDoors(sources);
  const chatDoors = await openChatCallbacks(sources);
  return (parts) => {
    const { decider, onClose } = parts;
    const { tickets, ledger, directory, now, log } = sources.ports;
    const { publicUrl, loaded } = sources;
    const look: LookAtTicket = (ticketId) =>
      deliverTicketDecisions({ tickets, ledger, directory, decider, publicUrl, now, log }, ticketId);
    if (tickets.traits.approvals) {
      const everyMs = Math.max(SWEEP_EVERY_MS, loaded.timing.pollEveryMs);
      const sweep = openApprovalSweep({ ledger, look, everyMs, log });
      onClose(() => sweep.close());
    }
    return [...ticketDoors(look), ...findingDoors, ...chatDoors(parts)];
  };
}

/** Doors of each ticket system; forgetting one stops the build. */
const TICKET_DOORS: Record<
  ItsmVendor,
  (settings: unknown, sources: CallbackSources) => Promise<OpenTicketDoors>
> = {
  inbox: async () => () => [],
  servicenow: async (settings, { resolveSecret }) => {
    const { callbacks, url, table } = ServiceNowConfig.parse(settings);
    if (callbacks === undefined) return () => [];
    const { secrets, basic } = callbacks;
    const keys = await Promise.all(secrets.map(resolveSecret));
    const pair =
      basic === undefined ? undefined : { user: basic.user, password: await resolveSecret(basic.password) };
    const instance = callbacks.instance ?? new URL(url).host;
    return (look) => [
      serviceNowCallbacks({ keys, instance, table, look, ...(pair !== undefined && { basic: pair }) }),
    ];
  },
  jira: async (settings, { resolveSecret }) => {
    const { callbacks, url } = JiraConfig.parse(settings);
    if (callbacks === undefined) return () => [];
    const secrets = await Promise.all(callbacks.secrets.map(resolveSecret));
    return (look) => jiraCallbacks({ secrets, siteUrl: url, look });
  },
};
