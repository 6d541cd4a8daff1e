import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Chat } from '../../activities/chat/port.js';
import type { RequestRow } from '../../activities/ledger/port.js';
import {
  type MessagePorts,
  requestOfMessage,
  showStates,
  toldOnce,
} from '../../activities/lifecycle/messages.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { fakeLedger } from '../client/gateway/support/fake-ledger.js';
import { NOW, PEOPLE, REQUEST_ID, requestRow, WORKFLOW } from '../client/gateway/support/organisation.js';

let ledger: ReturnType<typeof fakeLedger>;
let shown: string[];
let failure: Failure | undefined;
let row: RequestRow;
const key = () => row.findingKeys[0] ?? '';

function chat(changesMessages: boolean): Chat {
  return {
    vendor: changesMessages ? 'slack' : 'teams',
    changesMessages,
    send: async () => ({ id: 'never used', deliveredAtMs: 0 }),
    update: async ({ messageId, title }) => {
      if (failure !== undefined) throw failure;
      shown.push(`${messageId}: ${title}`);
    },
  };
}
function ports(): MessagePorts {
  return {
    ledger,
    chats: [chat(true), chat(false)],
    directory: { person: async (id: string) => PEOPLE.find((person) => person.id === id) } as never,
    settings: { publicUrl: 'https://curtail.example' } as never,
    log: () => undefined,
    now: () => NOW,
  };
}
const told = (rung: string, name: string, id: string) =>
  toldOnce(ports(), { requestId: REQUEST_ID, rung, chat: name }, async () => {
    shown.push(`sent ${id}`);
    return { id, deliveredAtMs: NOW, reference: `ref-${id}` };
  });
const life = (ending?: { outcome: 'verified'; note: string }) =>
  showStates(ports(), { findingKey: key(), workflowId: WORKFLOW, ...(ending !== undefined && { ending }) });

beforeEach(async () => {
  [ledger, shown, failure, row] = [fakeLedger(), [], undefined, requestRow()];
  ledger.rows.requests.push(row);
  await told('opened', 'slack/0', 'm1');
  await told('reminder', 'slack/0', 'm2');
  await told('opened', 'teams/1', 't1');
  shown = [];
});

const decide = (status: RequestRow['status']): void => {
  ledger.rows.requests[0] = { ...row, status, decisions: [{ personId: 'ana', verdict: 'approve' } as never] };
};

describe('messages about a request', () => {
  it('are sent once, and known by their id and by their reference', async () => {
    await told('opened', 'slack/0', 'again');
    expect(shown).toEqual([]);
    expect(await requestOfMessage(ledger, 'slack', 'm1', NOW)).toBe(REQUEST_ID);
    expect(await requestOfMessage(ledger, 'teams', 'ref-t1', NOW)).toBe(REQUEST_ID);
    expect(await requestOfMessage(ledger, 'teams', 'm1', NOW)).toBeUndefined();
  });

  it('keep their buttons while the request is open', async () => {
    await life();
    expect(shown).toEqual([]);
  });

  it('show a decision where they can be changed, and every one of them the end, each state once', async () => {
    decide('approved');
    await life();
    await life();
    expect(shown).toEqual([
      `m1: Approved by Ana Sommer: ${row.title}`,
      `m2: Approved by Ana Sommer: ${row.title}`,
    ]);
    shown = [];
    const ending = { outcome: 'verified', note: 'applied' } as const;
    await life(ending);
    await life(ending);
    const title = `Approved by Ana Sommer, verified: ${row.title}`;
    expect(shown).toEqual([`m1: ${title}`, `m2: ${title}`, `t1: ${title}`]);
  });

  it('wait for a chat that is away, and stop nothing where it refuses', async () => {
    decide('rejected');
    failure = new Failure(FailureType.VendorUnavailable, 'slack: no connection');
    await expect(life()).rejects.toBe(failure);
    failure = new Failure(FailureType.VendorAuth, 'slack: chat.update: missing_scope');
    await expect(life()).resolves.toBeUndefined();
  });
});
