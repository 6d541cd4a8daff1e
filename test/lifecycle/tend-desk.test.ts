import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shelfOf } from '../../activities/itsm/inbox.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { OWNER_RULES_BUCKET } from '../../domain/ownership/rules.js';
import {
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
  withPorts,
} from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());

async function asked(ports: Partial<LifecyclePorts> = {}, tags?: Record<string, string>): Promise<Played> {
  const life = await product.begin(
    { name: unique('desk'), ...(tags !== undefined && { tags }) },
    { ...(tags !== undefined && { tags, ownerHints: [] }) },
  );
  return playUntilAsked({ ...product, activities: withPorts(product, ports) }, life);
}

async function ticketOf(played: Played) {
  const row = await product.ports.ledger.request(played.requestId);
  const ticket = await shelfOf(product.ports.tickets)?.ticket(row?.ticket?.id ?? '');
  if (ticket === undefined) throw new Error('no ticket');
  return ticket;
}

async function comment(played: Played, author: string, text: string): Promise<void> {
  const { id } = await ticketOf(played);
  await shelfOf(product.ports.tickets)?.addComment({ ticketId: id, author, text, atMs: product.ports.now() });
}

async function round(ports: Partial<LifecyclePorts> = {}) {
  const activities = withPorts(product, ports);
  const done = await activities.tendDesk({});
  for (const id of done.questions) {
    await activities.answerComment({ id });
    await activities.postAnswer({ id });
  }
  return done;
}

const ours = async (played: Played) => (await ticketOf(played)).comments.filter((each) => each.ours);

describe('questions in comments', () => {
  it('get one answer from the evidence, and are on record with who asked', async () => {
    const played = await asked();
    await comment(played, 'priya.raman@larkfield.example', 'Why would s3:DeleteObject be removed?');
    for (let again = 0; again < 3; again += 1) await round();
    const answers = await ours(played);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.text).toContain('s3:DeleteObject');
    const rows = await product.ports.ledger.auditOf({ stream: `questions/${played.life.workflowId}` });
    expect(rows.map(({ actor, type }) => [actor, type])).toEqual([['priya.raman', 'question.answered']]);
  });

  it.each([
    ['a remark', 'priya.raman@larkfield.example', 'Thanks, looking at it tomorrow.'],
    ['somebody whom the directory does not know', 'mallory@elsewhere.example', 'Why is this removed?'],
    ['somebody else’s quoted question', 'priya.raman@larkfield.example', '> Why is this removed?\nOn it.'],
  ])('give no answer to %s', async (_name, author, text) => {
    const played = await asked();
    await comment(played, author, text);
    await round();
    expect(await ours(played)).toEqual([]);
  });

  it('end after ten in one thread, and never answer an answer', async () => {
    const played = await asked();
    for (let n = 0; n < 14; n += 1)
      await comment(played, 'priya.raman@larkfield.example', `What about number ${n}?`);
    await round();
    await round();
    expect(await ours(played)).toHaveLength(10);
  });

  it('wait for the next round when the model cannot answer now', async () => {
    const played = await asked();
    await comment(played, 'priya.raman@larkfield.example', 'How sure is this?');
    const { explainer } = product.ports;
    const broken = withPorts(product, {
      explainer: {
        ...explainer,
        answer: () => Promise.reject(new Failure(FailureType.ModelUnusable, 'down')),
      },
    });
    const [id = ''] = (await broken.tendDesk({})).questions;
    await expect(broken.answerComment({ id })).rejects.toThrow('down');
    await broken.postAnswer({ id });
    expect(await ours(played)).toEqual([]);
    await round();
    expect(await ours(played)).toHaveLength(1);
  });
});

describe('tickets that people touch', () => {
  it('are told once that closing decides nothing', async () => {
    const played = await asked();
    const { id } = await ticketOf(played);
    await shelfOf(product.ports.tickets)?.close({
      ticketId: id,
      by: 'priya.raman',
      atMs: product.ports.now(),
    });
    for (let again = 0; again < 3; again += 1) await round();
    expect((await ours(played)).map(({ text }) => text)).toEqual([
      expect.stringContaining('Closing this ticket decides nothing'),
    ]);
    expect((await product.ports.ledger.request(played.requestId))?.status).toBe('open');
  });

  it('get a successor when they are deleted, but not without end', async () => {
    const played = await asked();
    const first = await ticketOf(played);
    const gone = new Set([first.id]);
    const tickets = {
      ...product.ports.tickets,
      read: async (id: string) =>
        gone.has(id) ? { state: 'missing' as const, comments: [] } : product.ports.tickets.read(id),
    };
    await round({ tickets });
    const second = await ticketOf(played);
    expect(second.id).not.toBe(first.id);
    await round({ tickets });
    expect((await ticketOf(played)).id).toBe(second.id);
    for (let again = 0; again < 5; again += 1) {
      gone.add((await ticketOf(played)).id);
      await round({ tickets });
    }
    const made = (await product.tickets()).filter(
      ({ effect, key }) => effect === 'opened' && key.includes(played.life.key),
    );
    expect(made).toHaveLength(4);
    expect(await product.audit(played.life.key)).toContain('ticket.replaced');
  });

  it('that cannot be read stop nobody else’s', async () => {
    const [broken, sound] = [await asked(), await asked()];
    const { id } = await ticketOf(broken);
    await comment(sound, 'priya.raman@larkfield.example', 'What happens next?');
    const tickets = {
      ...product.ports.tickets,
      read: async (ticketId: string) => {
        if (ticketId === id) throw new Failure(FailureType.VendorShape, 'HTML instead of JSON');
        return product.ports.tickets.read(ticketId);
      },
    };
    expect((await round({ tickets })).unreadable).toBe(1);
    expect(await ours(sound)).toHaveLength(1);
  });
});

describe('requests without an owner', () => {
  const unowned = () => ({ settings: { ...product.ports.settings, accounts: {} } });
  const rule = (to: { person?: string; team?: string }, version: number) =>
    product.ports.ledger.putItem({
      bucket: OWNER_RULES_BUCKET,
      key: 'current',
      value: { version, rules: [{ when: { account: '*' }, ...to }], savedBy: 'dana.okafor', savedAtMs: 1 },
    });

  it('are asked of the owner whom a new rule names, once, and are found in that inbox', async () => {
    const played = await asked(unowned(), { team: 'unheard-of', owner: '' });
    await round(unowned());
    const before = await product.ports.ledger.request(played.requestId);
    expect(before?.request.approverIds).not.toContain('priya.raman');

    await rule({ person: 'priya.raman' }, 1);
    expect((await round(unowned())).rerouted).toBe(1);
    expect((await round(unowned())).rerouted).toBe(0);
    const after = await product.ports.ledger.request(played.requestId);
    expect(after?.request.approverIds).toEqual([...(before?.request.approverIds ?? []), 'priya.raman']);
    expect((await product.ports.ledger.finding(played.life.key))?.owner).not.toBe('nobody known');
    const told = (await product.notices()).filter(({ key }) => key.includes(played.life.key));
    expect(told).toHaveLength(2);
    await product.ports.ledger.removeItem(OWNER_RULES_BUCKET, 'current');
  });

  it('are found at whoever the log shows, marked as inferred, and else at the team on call', async () => {
    const life = await product.begin(
      { name: unique('logged'), tags: { team: 'unheard-of', owner: '' } },
      { ownerHints: [], tags: {} },
    );
    const contextOf = async (ports: Partial<LifecyclePorts>) => {
      const { contextDigest } = await withPorts(product, ports).enrich(life);
      return (await product.ports.ledger.evidence(contextDigest)) as { owner: Record<string, unknown> };
    };
    const { cloud } = product.ports;
    const record = {
      eventName: 'CreateRole',
      eventTime: '2026-11-01T10:00:00Z',
      readOnly: false,
      requestParameters: { roleName: life.role.slice(life.role.lastIndexOf('/') + 1) },
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::1:assumed-role/Sso/priya.raman@larkfield.example',
      },
    };
    const readUsage = async () => ({ events: [record], logging: { management: true, data: [] }, gaps: [] });
    expect((await contextOf({ ...unowned(), cloud: { ...cloud, readUsage } })).owner).toEqual({
      personIds: ['priya.raman'],
      team: 'data-platform',
      how: "created it on 2026-11-01, by the account's log (inferred)",
      inferred: true,
    });
    const { settings } = unowned();
    expect((await contextOf({ settings: { ...settings, onCall: 'platform' } })).owner).toMatchObject({
      team: 'platform',
      how: 'platform is on call',
    });
  });

  it('stay where they are when the rule names nobody of the directory', async () => {
    const played = await asked(unowned(), { team: 'unheard-of', owner: '' });
    await rule({ team: 'ghosts' }, 2);
    expect((await round(unowned())).rerouted).toBe(0);
    expect((await product.ports.ledger.finding(played.life.key))?.owner).toBe('nobody known');
    await product.ports.ledger.removeItem(OWNER_RULES_BUCKET, 'current');
  });
});
