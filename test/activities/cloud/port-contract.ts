import { describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../../activities/cloud/port.js';
import { type Change, reverseChange } from '../../../domain/change/change.js';
import { FailureType } from '../../../domain/failure.js';
import type { Json } from '../../../domain/json.js';

/** What the contract needs to know about the account that an adapter is tried on. */
export interface CloudCase {
  cloud: Cloud;
  accountId: string;
  /** Fits what is there. */
  change: Change;
  /** The same target, another wanted state. */
  other: Json;
  /** Its target belongs to infrastructure code. */
  managed: Change;
  /** AWS would refuse it. */
  malformed: Change;
  /** Names a principal that is not there. */
  missing: Change;
  /** How many effects were made, as the account itself counted them. */
  effects(): Promise<number>;
  /** A principal with records in the window, and one without. */
  active: string;
  silent: string;
  window: { fromIso: string; toIso: string };
}

/** What every cloud must honour. `open` yields a fresh account for each test. */
export function cloudContract(vendor: string, open: () => Promise<CloudCase>): void {
  describe(`${vendor} honours the Cloud contract`, () => {
    it('names its vendor and its accounts', async () => {
      const { cloud, accountId } = await open();
      expect(cloud.traits.vendor).toBe(vendor);
      expect(await cloud.accounts()).toContain(accountId);
    });

    it('reads the account, and says so when there is none', async () => {
      const { cloud, accountId, change } = await open();
      const account = await cloud.readAccount(accountId);
      expect(account.RoleDetailList?.map((role) => role.Arn)).toContain(change.target.principal);
      await expect(cloud.readAccount('999999999999')).rejects.toMatchObject({ type: FailureType.NotFound });
    });

    it('applies a change that fits and reads it back', async () => {
      const { cloud, accountId, change, effects } = await open();
      expect(await cloud.current(accountId, change)).toEqual(change.before);
      expect(await cloud.apply({ accountId, change, key: 'k1' })).toEqual({ state: change.after });
      expect(await cloud.current(accountId, change)).toEqual(change.after);
      expect(await effects()).toBe(1);
    });

    it('acts once per key, and not at all when the state is there already', async () => {
      const { cloud, accountId, change, effects } = await open();
      await cloud.apply({ accountId, change, key: 'k1' });
      await cloud.apply({ accountId, change, key: 'k1' });
      await cloud.apply({ accountId, change, key: 'k2' });
      expect(await effects()).toBe(1);
    });

    it('acts once when several callers use one key at the same time', async () => {
      const { cloud, accountId, change, effects } = await open();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => cloud.apply({ accountId, change, key: 'k1' })),
      );
      expect(answers).toEqual(Array.from({ length: 8 }, () => ({ state: change.after })));
      expect(await effects()).toBe(1);
    });

    it('refuses when what is there is not what the change starts from', async () => {
      const { cloud, accountId, change, other, effects } = await open();
      await cloud.apply({ accountId, change: { ...change, after: other }, key: 'k1' });
      await expect(cloud.apply({ accountId, change, key: 'k2' })).rejects.toMatchObject({
        type: FailureType.ApplyConflict,
      });
      expect(await cloud.current(accountId, change)).toEqual(other);
      expect(await effects()).toBe(1);
    });

    it('does not redo a key after the state was changed back', async () => {
      const { cloud, accountId, change, effects } = await open();
      await cloud.apply({ accountId, change, key: 'k1' });
      await cloud.apply({ accountId, change: reverseChange(change), key: 'k2' });
      await cloud.apply({ accountId, change, key: 'k1' });
      expect(await cloud.current(accountId, change)).toEqual(change.before);
      expect(await effects()).toBe(2);
    });

    it.each<[name: string, which: 'malformed' | 'managed' | 'missing', type: string]>([
      ['what the cloud would refuse', 'malformed', FailureType.CloudRejected],
      ['what infrastructure code owns', 'managed', FailureType.ApplyRefused],
      ['what is not there', 'missing', FailureType.NotFound],
    ])('refuses %s, and changes nothing', async (_name, which, type) => {
      const given = await open();
      await expect(
        given.cloud.apply({ accountId: given.accountId, change: given[which], key: 'k1' }),
      ).rejects.toMatchObject({ type });
      expect(await given.effects()).toBe(0);
    });

    it('says who owns a target, with evidence', async () => {
      const { cloud, accountId, change, managed } = await open();
      expect(await cloud.managedBy(accountId, change.target)).toBeUndefined();
      const owner = await cloud.managedBy(accountId, managed.target);
      expect(owner?.tool).toBe('terraform');
      expect(owner?.evidence).not.toBe('');
    });

    it('reads the usage of a principal in a window, and of nobody else', async () => {
      const { cloud, accountId, active, silent, window } = await open();
      const log = await cloud.readUsage({ accountId, principals: [active], ...window });
      expect(log.events.length).toBeGreaterThan(0);
      expect((await cloud.readUsage({ accountId, principals: [silent], ...window })).events).toEqual([]);
      const never = { fromIso: '2001-01-01T00:00:00Z', toIso: '2001-01-02T00:00:00Z' };
      const empty = await cloud.readUsage({ accountId, principals: [active], ...never });
      expect(empty.events).toEqual([]);
      expect(empty.gaps.length).toBeGreaterThan(0);
    });

    it('stops before it acts when told to', async () => {
      const { cloud, accountId, change, effects } = await open();
      const signal = AbortSignal.abort();
      await expect(cloud.apply({ accountId, change, key: 'k1', signal })).rejects.toThrow();
      expect(await effects()).toBe(0);
    });
  });
}
