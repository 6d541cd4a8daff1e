import type { CloudWriter } from '../../activities/cloud/port.js';
import type { ChangeRow } from '../../activities/ledger/port.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { HOME, type NewRole } from '../support/organisation.js';
import { approve, type Life, type Played, type Product, playUntilAsked, unique } from '../support/product.js';

/** A finding whose fix was approved and not applied yet. */
export interface Approved extends Played {
  changeId: string;
}

/** What tests of the change worker ask about a product. */
export interface ChangeBench {
  approved(role?: Partial<NewRole>): Promise<Approved>;
  rowOf(changeId: string): Promise<ChangeRow>;
  /** Plans a change by hand, as somebody who can write to the ledger's table of changes might. */
  plan(like: Approved, more: Partial<ChangeRow>): Promise<string>;
  /** Records what a verification that saw harm records. */
  fail(changeId: string): Promise<void>;
  /** The role's policies as they are now. */
  policies(life: Life): Promise<readonly string[]>;
  /** Keys of the effects on the account for this finding, each from its last slash on. */
  done(played: Played): Promise<readonly string[]>;
  /** Somebody empties one of the role's policies, or all. */
  drift(life: Life, name?: string): Promise<void>;
  writer(replaced: Partial<CloudWriter>): Partial<LifecyclePorts>;
  /** A writer that does something before its n-th write. */
  writerThat(act: (write: number) => void): Partial<LifecyclePorts>;
}

/** The bench over a product; the product is asked for at each call, since tests open it first. */
export function changeBench(productNow: () => Product): ChangeBench {
  const cloudWriter = (): CloudWriter => {
    const found = productNow().ports.cloudWriter;
    if (found === undefined) throw new Error('the product may write');
    return found;
  };
  const bench: ChangeBench = {
    async approved(role = {}) {
      const product = productNow();
      const played = await playUntilAsked(product, await product.begin({ name: unique('apply'), ...role }));
      return { ...played, changeId: await approve(product, played) };
    },
    async rowOf(changeId) {
      const row = await productNow().ports.ledger.change(changeId);
      if (row === undefined) throw new Error(`there is no change ${changeId}`);
      return row;
    },
    async plan(like, more) {
      const { status: _status, ...planned } = await bench.rowOf(like.changeId);
      const id = unique('change/forged');
      await productNow().ports.ledger.planChange({ ...planned, ...more, id }, []);
      return id;
    },
    fail: (changeId) => productNow().ports.ledger.setChange(changeId, { status: 'failed', note: 'harm' }, []),
    async policies(life) {
      const roles = (await productNow().organisation.read(HOME)).RoleDetailList;
      const found = roles.find((role) => role.Arn === life.role)?.RolePolicyList ?? [];
      return found.map((policy) => `${policy.PolicyName} ${JSON.stringify(policy.PolicyDocument)}`);
    },
    async done(played) {
      const lines = await productNow().organisation.journal(HOME);
      return lines
        .filter((line) => line.event === 'done' && line.key.includes(played.life.key))
        .map((line) => line.key.slice(line.key.indexOf('/', line.key.lastIndexOf('#'))));
    },
    drift: (life, name) =>
      productNow().organisation.edit(HOME, (account) => {
        const role = account.RoleDetailList.find((each) => each.Arn === life.role);
        for (const policy of role?.RolePolicyList ?? [])
          if (name === undefined || policy.PolicyName === name)
            policy.PolicyDocument = { Version: '2012-10-17', Statement: [] };
      }),
    writer: (replaced) => ({ cloudWriter: { ...cloudWriter(), ...replaced } }),
    writerThat(act) {
      let writes = 0;
      return bench.writer({
        apply: async (input) => {
          writes += 1;
          act(writes);
          return cloudWriter().apply(input);
        },
      });
    },
  };
  return bench;
}
