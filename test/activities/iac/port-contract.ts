import { describe, expect, it } from '@jest/globals';
import type { ChangeHost, ChangeRequest } from '../../../activities/iac/port.js';
import { FailureType } from '../../../domain/failure.js';

/** A host and what a person does to its changes. */
export interface ChangeHostCase {
  host: ChangeHost;
  /** Merges the change the way the host's people do. */
  merge(ref: string): Promise<void>;
  decline(ref: string): Promise<void>;
  /** How many changes are open. */
  count(): Promise<number>;
}

export const REQUEST: ChangeRequest = {
  branch: 'curtail/abc123-g1',
  title: 'Narrow the role reporting-etl',
  body: 'Removes **two** unused actions.',
  files: [{ path: 'curtail/abc123/1-inline.tf', text: 'resource "aws_iam_role_policy" "x" {}\n' }],
  key: 'finding/orca/1/apply/g1',
};

/** What every host of infrastructure code must honour. */
export function changeHostContract(vendor: string, open: () => Promise<ChangeHostCase>): void {
  describe(`${vendor} honours the ChangeHost contract`, () => {
    it('names its vendor, and opens a change that waits', async () => {
      const { host } = await open();
      expect(host.vendor).toBe(vendor);
      const { ref, url } = await host.openChange(REQUEST);
      expect(url).not.toBe('');
      expect(await host.changeState(ref)).toEqual({ state: 'open' });
    });

    it('opens the same branch once', async () => {
      const { host, count } = await open();
      const first = await host.openChange(REQUEST);
      expect(await host.openChange(REQUEST)).toEqual(first);
      expect(await count()).toBe(1);
    });

    it('opens the same branch once when several callers want it', async () => {
      const { host, count } = await open();
      const answers = await Promise.all(Array.from({ length: 5 }, () => host.openChange(REQUEST)));
      expect(new Set(answers.map((answer) => answer.ref)).size).toBe(1);
      expect(await count()).toBe(1);
    });

    it('knows the commit of a merged change', async () => {
      const { host, merge } = await open();
      const { ref } = await host.openChange(REQUEST);
      await merge(ref);
      expect(await host.changeState(ref)).toEqual({
        state: 'merged',
        mergedCommit: expect.stringMatching(/^[0-9a-f]{40}/),
      });
    });

    it('knows a declined change, and does not open it again', async () => {
      const { host, decline } = await open();
      const { ref } = await host.openChange(REQUEST);
      await decline(ref);
      expect(await host.changeState(ref)).toMatchObject({ state: 'closed' });
      await host.openChange(REQUEST);
      expect(await host.changeState(ref)).toMatchObject({ state: 'closed' });
    });

    it('says so when it does not know a reference', async () => {
      const { host } = await open();
      await expect(host.changeState('curtail/unknown')).rejects.toMatchObject({ type: FailureType.NotFound });
    });
  });
}
