import { randomUUID } from 'node:crypto';
import { readExport } from '../../activities/cnapp/read-export.js';
import { takeIn } from '../../activities/lifecycle/intake.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import type { Intake } from '../../client/gateway/deps.js';

/** Records that go to the ledger together. */
const BATCH = 500;

/** Takes findings as a platform writes them, by the same path as a poll: streamed, batch by batch. */
export function createIntake(ports: LifecyclePorts): Intake {
  return async ({ source, body }) => {
    const scanId = `handed-in/${randomUUID()}`;
    const receipt = {
      received: 0,
      new: 0,
      changed: 0,
      reopened: 0,
      unchanged: 0,
      quarantined: 0,
      started: 0,
      held: 0,
    };
    for await (const records of readExport({ source, body, batch: BATCH })) {
      const taken = await takeIn(ports, { scanId, source, atMs: ports.now(), records });
      receipt.received += taken.seen;
      receipt.new += taken.new;
      receipt.changed += taken.changed;
      receipt.reopened += taken.reopened;
      receipt.unchanged += taken.unchanged;
      receipt.quarantined += taken.refused;
      receipt.started += taken.started;
      receipt.held += taken.held;
    }
    return receipt;
  };
}
