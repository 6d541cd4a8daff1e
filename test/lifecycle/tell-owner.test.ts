import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Chat, Notice } from '../../activities/chat/port.js';
import type { CloseInput } from '../../activities/contract.js';
import type { ChangeStatus } from '../../activities/ledger/port.js';
import {
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
  withPorts,
} from '../support/product.js';

let product: Product;
let played: Played;
beforeAll(async () => {
  product = await openProduct();
  played = await playUntilAsked(product, await product.begin({ name: unique('told') }));
}, 60_000);
afterAll(() => product.close());

/** Closes a case whose change has that status, with a chat that remembers, or without any. */
async function close(
  outcome: CloseInput['outcome'],
  more: { status?: ChangeStatus; standing?: boolean; chats?: 'none' } = {},
) {
  const { ledger } = product.ports;
  const life = { ...played.life, workflowId: unique('finding/told') };
  const { digest } = played.prepared;
  const drafted = await ledger.draft(digest);
  const id = unique('change');
  const base = {
    id,
    digest,
    route: 'api' as const,
    workflowId: life.workflowId,
    generation: life.generation,
  };
  await ledger.planChange(
    {
      ...base,
      findingKeys: life.keys,
      changes: drafted?.draft.changes ?? [],
      ...(more.standing !== false && { standingApprovalId: 'nightly' }),
    },
    [],
  );
  await ledger.setChange(id, { status: more.status ?? 'verified' }, []);
  const sent: Notice[] = [];
  const chat: Chat = {
    vendor: 'console',
    changesMessages: false,
    send: async (notice) => {
      sent.push(notice);
      return { id: notice.key, deliveredAtMs: 0 };
    },
    update: async () => undefined,
  };
  const activities = withPorts(product, { chats: more.chats === 'none' ? [] : [chat] });
  const end = () => activities.close({ ...life, outcome, note: 'it is done', digest });
  await end();
  return { sent, life, end };
}

describe('after an act that nobody was asked about', () => {
  it.each<
    [what: string, outcome: CloseInput['outcome'], status: ChangeStatus, title: RegExp, command: string]
  >([
    ['a fix under a standing approval', 'auto-remediated', 'verified', /^Done under/, 'curtail undo'],
    ['one that the source does not confirm', 'fixed-still-open', 'applied', /^Done under/, 'curtail undo'],
    ['one that could not be taken back', 'blocked', 'failed', /^Done under/, 'curtail undo'],
    ['a rollback', 'rolled-back', 'rolled-back', /^The earlier access is back/, 'curtail resume'],
  ])(
    'its owner is told of %s and how to have it otherwise',
    async (_what, outcome, status, title, command) => {
      const { sent, life } = await close(outcome, { status });
      expect(sent).toHaveLength(1);
      expect(sent[0]).toMatchObject({
        to: [{ personId: 'priya.raman' }],
        title: expect.stringMatching(title),
        url: `http://127.0.0.1:8080/findings/${life.key}#changes`,
        buttons: false,
      });
      expect(JSON.stringify(sent[0]?.body)).toContain(`${command} ${life.key}`);
      expect(await product.audit(life.key)).toContain('owner.told');
    },
  );

  it('a ticket for the record says it where there is no chat, and there is one however often it is told', async () => {
    const { life, end } = await close('auto-remediated', { chats: 'none' });
    await end();
    const lines = (await product.tickets()).filter((line) => line.key.startsWith(life.workflowId));
    expect(lines.map((line) => line.state ?? line.effect)).toEqual(['opened', 'done']);
  });
});

it.each<[what: string, outcome: CloseInput['outcome'], more: Parameters<typeof close>[1]]>([
  ['people approved', 'verified', { standing: false }],
  ['was refused, so that nothing was done', 'blocked', { status: 'refused' }],
])('nobody is told of what %s', async (_what, outcome, more) => {
  expect((await close(outcome, more)).sent).toEqual([]);
});
