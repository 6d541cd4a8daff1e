import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Outcome } from '../../domain/lifecycle/stage.js';
import type { Block } from '../../domain/text/block.js';
import type { Chat, DeliveredNotice } from '../chat/port.js';
import type { Ledger, RequestRow } from '../ledger/port.js';
import { requestUrl } from './ask.js';
import type { LifecyclePorts } from './ports.js';

/** What it takes to show a request's state in the messages about it. */
export type MessagePorts = Pick<LifecyclePorts, 'chats' | 'directory' | 'settings' | 'log' | 'now'> & {
  ledger: Pick<Ledger, 'item' | 'putItem' | 'requests' | 'request'>;
};
/** How a life ended. */
export interface Ending {
  outcome: Outcome;
  note: string;
}

const Message = z.object({
  chat: z.string(),
  rung: z.string(),
  id: z.string(),
  deliveredAtMs: z.number(),
  /** The state that it shows; absent while it asks. */
  shown: z.string().optional(),
});
type Message = z.output<typeof Message>;
const MESSAGES = 'chat-message';
const SUBJECTS = 'chat-subject';
/** Longer than a request lives, with all that follows an approval. */
const REMEMBER_MS = 120 * 24 * 3_600_000;
/** Failures of a chat that pass; any other is its administrator's to mend, and no finding waits for that. */
const PASSING: readonly FailureType[] = [
  FailureType.VendorThrottled,
  FailureType.VendorUnavailable,
  FailureType.WriteOutcomeUnknown,
];

/** Sends a notice unless the ledger knows it as sent, and remembers what it is about: for its end state, and for replies to it. */
export async function toldOnce(
  ports: MessagePorts,
  place: { requestId: string; rung: string; chat: string },
  send: () => Promise<DeliveredNotice>,
): Promise<DeliveredNotice> {
  const { requestId, rung, chat } = place;
  const messages = await messagesOf(ports, requestId);
  const known = messages.find((message) => message.chat === chat && message.rung === rung);
  if (known !== undefined) return known;
  const { id, deliveredAtMs, reference } = await send();
  await remember(ports, requestId, [...messages, { chat, rung, id, deliveredAtMs }]);
  for (const name of [id, ...(reference === undefined ? [] : [reference])])
    await ports.ledger.putItem({
      bucket: SUBJECTS,
      key: subjectKey(vendorOf(chat), name),
      value: requestId,
      expiresAtMs: ports.now() + REMEMBER_MS,
    });
  return { id, deliveredAtMs };
}

/** The request that a message is about; undefined when it is none of ours. */
export async function requestOfMessage(
  ledger: Pick<Ledger, 'item'>,
  vendor: string,
  messageId: string,
  nowMs: number,
): Promise<string | undefined> {
  const found = await ledger.item(SUBJECTS, subjectKey(vendor, messageId), nowMs);
  return typeof found === 'string' ? found : undefined;
}

/** Shows in every message of a life how its request stands, and, when the life has ended, how it ended. Each state once. */
export async function showStates(
  ports: MessagePorts,
  life: { findingKey: string; workflowId: string; ending?: Ending },
): Promise<void> {
  if (ports.chats.length === 0) return;
  for (const row of await ports.ledger.requests({ findingKey: life.findingKey })) {
    if (row.request.workflowId === life.workflowId) await showState(ports, row, life.ending);
  }
}

/** Shows how one request stands in the messages about it. */
export async function showState(ports: MessagePorts, row: RequestRow, ending?: Ending): Promise<void> {
  if (row.status === 'open' && ending === undefined) return;
  const requestId = row.request.id;
  const shown = `${row.status}${ending === undefined ? '' : `/${ending.outcome}`}`;
  const messages = await messagesOf(ports, requestId);
  const due = messages.filter((message) => message.shown !== shown);
  if (due.length === 0) return;
  const title = `${await standing(ports, row, ending)}: ${row.title}`;
  const note = ending?.note ?? row.note ?? '';
  const body: readonly Block[] = note === '' ? [] : [{ type: 'paragraph', text: note }];
  for (const message of due) {
    const chat = ports.chats.find((each, index) => `${each.vendor}/${index}` === message.chat);
    const saysItAnew = chat?.changesMessages === false;
    // Where messages cannot be changed, one word at the end is enough.
    if (
      chat === undefined ||
      (saysItAnew &&
        (ending === undefined || message !== messages.find((each) => each.chat === message.chat)))
    )
      continue;
    const update = { messageId: message.id, key: `${requestId}/${shown}`, title, body };
    await mayFail(ports, chat, () => chat.update({ ...update, url: requestUrl(ports, requestId) }));
    message.shown = shown;
    await remember(ports, requestId, messages);
  }
}

async function standing(
  ports: Pick<MessagePorts, 'directory'>,
  row: RequestRow,
  ending: Ending | undefined,
): Promise<string> {
  const by = row.decisions.at(-1)?.personId;
  const name = by === undefined ? undefined : ((await ports.directory.person(by))?.name ?? by);
  const words: Readonly<Record<RequestRow['status'], string>> = {
    open: 'Withdrawn',
    approved: `Approved${name === undefined ? '' : ` by ${name}`}`,
    rejected: `Rejected${name === undefined ? '' : ` by ${name}`}`,
    edited: `Edited${name === undefined ? '' : ` by ${name}`}`,
    expired: 'Expired',
    void: 'Void',
  };
  return ending === undefined ? words[row.status] : `${words[row.status]}, ${ending.outcome}`;
}

async function mayFail(
  ports: Pick<MessagePorts, 'log'>,
  chat: Chat,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure) || PASSING.includes(error.type)) throw error;
    ports.log('warn', 'a message keeps its buttons: the chat refuses to change it', {
      chat: chat.vendor,
      reason: error.message,
    });
  }
}

async function messagesOf(
  ports: Pick<MessagePorts, 'ledger' | 'now'>,
  requestId: string,
): Promise<Message[]> {
  const parsed = z.array(Message).safeParse(await ports.ledger.item(MESSAGES, requestId, ports.now()));
  return parsed.success ? parsed.data : [];
}

async function remember(
  ports: Pick<MessagePorts, 'ledger' | 'now'>,
  requestId: string,
  messages: readonly Message[],
): Promise<void> {
  const value = messages.map(({ shown, ...rest }) => ({ ...rest, ...(shown !== undefined && { shown }) }));
  const expiresAtMs = ports.now() + REMEMBER_MS;
  await ports.ledger.putItem({ bucket: MESSAGES, key: requestId, value, expiresAtMs });
}

function subjectKey(vendor: string, messageId: string): string {
  return `${vendor}/${messageId}`;
}
function vendorOf(chat: string): string {
  return chat.split('/')[0] ?? chat;
}
