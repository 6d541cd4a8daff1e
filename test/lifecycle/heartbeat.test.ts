import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { heartbeat, keepAlive } from '../../activities/lifecycle/heartbeat.js';

function attempt(heartbeatTimeoutMs: number | undefined) {
  const environment = new MockActivityEnvironment(
    heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs },
    { logger: new DefaultLogger('ERROR'), interceptors: [(context) => ({ inbound: keepAlive(context) })] },
  );
  const sent: unknown[] = [];
  environment.on('heartbeat', (details) => sent.push(details));
  return { environment, sent };
}

describe('an attempt', () => {
  it('that is over soon sends no heartbeat, however often it says how far it is', async () => {
    const { environment, sent } = attempt(60_000);
    await environment.run(async () => {
      for (let step = 0; step < 20; step += 1) heartbeat(`step ${step}`);
    });
    expect(sent).toEqual([]);
  });

  it('that takes long says that it lives and how far it is, though it waits for a single call', async () => {
    const { environment } = attempt(40);
    const said = await environment.run(async () => {
      heartbeat('writing');
      const [first] = (await once(environment, 'heartbeat')) as unknown[];
      const [second] = (await once(environment, 'heartbeat')) as unknown[];
      return [first, second];
    });
    expect(said).toEqual(['writing', 'writing']);
  });

  it('keeps its answer and its failure', async () => {
    const { environment } = attempt(40);
    expect(await environment.run(async () => 'done')).toBe('done');
    await expect(
      environment.run(async () => {
        throw new Error('broke');
      }),
    ).rejects.toThrow('broke');
  });
});

it('outside of an attempt saying how far one is does nothing', () => {
  expect(() => heartbeat('nowhere')).not.toThrow();
});
