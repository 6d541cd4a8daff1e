import type { Chat } from '../../activities/chat/port.js';
import { type ChatVendor, chatAdapters } from '../../activities/chat/registry.js';
import { SlackConfig } from '../../activities/chat/slack/config.js';
import { TeamsConfig } from '../../activities/chat/teams/config.js';
import { requestOfMessage } from '../../activities/lifecycle/messages.js';
import { isVendor } from '../../activities/vendor.js';
import { botTokens } from '../../client/callbacks/bot-tokens.js';
import type { ChatDeskParts } from '../../client/callbacks/chat-route.js';
import { slackCallbacks, socketMode } from '../../client/callbacks/slack.js';
import { openSocket } from '../../client/callbacks/slack-socket.js';
import { teamsBot, teamsQuestions } from '../../client/callbacks/teams.js';
import type { WebhookRoute } from '../../client/gateway/webhooks.js';
import type { CallbackSources, OpenWebhooks } from './callbacks.js';

type OpenChatDoors = (parts: ChatDeskParts) => readonly WebhookRoute[];

/** Reads the `callbacks` of every configured chat. One chat of each kind can be called back: its addresses are fixed. */
export async function openChatCallbacks(sources: CallbackSources): Promise<OpenWebhooks> {
  const { config } = sources.loaded;
  const doors = await Promise.all(
    config.chat.map(async ({ vendor, settings }, index) => ({
      chat: sources.ports.chats[index],
      open: isVendor<ChatVendor>(chatAdapters, vendor)
        ? await CHAT_DOORS[vendor](settings, sources)
        : () => [],
    })),
  );
  return ({ decider, answerQuestion }) => {
    const routes = doors.flatMap(({ chat, open }) =>
      chat === undefined ? [] : open(partsOf(sources, chat, { decider, answer: answerQuestion })),
    );
    const names = routes.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      throw new Error(
        `chat: ${twice} is configured twice with callbacks; only one of them can be called back`,
      );
    return routes;
  };
}

function partsOf(
  { ports, publicUrl }: CallbackSources,
  chat: Chat,
  given: Pick<ChatDeskParts, 'decider' | 'answer'>,
): ChatDeskParts {
  const { ledger, directory, now, log } = ports;
  const requestOf = (messageId: string) => requestOfMessage(ledger, chat.vendor, messageId, now());
  return { ...given, chat, ledger, directory, publicUrl, now, log, requestOf };
}

/** Doors of each chat product; forgetting one stops the build. */
const CHAT_DOORS: Record<
  ChatVendor,
  (settings: unknown, sources: CallbackSources) => Promise<OpenChatDoors>
> = {
  console: async () => () => [],
  slack: async (settings, { resolveSecret, ports: { log } }) => {
    const { callbacks, apiUrl } = SlackConfig.parse(settings);
    if (callbacks === undefined) return () => [];
    const { team } = callbacks;
    const secrets = await Promise.all(callbacks.secrets.map(resolveSecret));
    const appToken = callbacks.appToken === undefined ? undefined : await resolveSecret(callbacks.appToken);
    return (parts) => [
      ...(secrets.length === 0 ? [] : slackCallbacks({ secrets, team, parts })),
      ...(appToken === undefined
        ? []
        : [
            socketMode({
              team,
              parts,
              listen: (accept) => openSocket({ appToken, apiUrl, fetch, log }, accept),
            }),
          ]),
    ];
  },
  teams: async (settings, { resolveSecret, ports: { log } }) => {
    const { bot, questions } = TeamsConfig.parse(settings);
    const secrets = await Promise.all((questions?.secrets ?? []).map(resolveSecret));
    return (parts) => [
      ...(bot === undefined ? [] : [teamsBot({ ...bot, check: botTokens({ ...bot, fetch, log }), parts })]),
      ...(questions === undefined ? [] : [teamsQuestions({ secrets, tenant: questions.tenant, parts })]),
    ];
  },
};
