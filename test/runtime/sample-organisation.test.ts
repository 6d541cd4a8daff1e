import { describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../activities/adapter.js';
import { directoryAdapters } from '../../activities/directory/registry.js';
import { readFreezes, readNeverTouch } from '../../activities/guardrail/lists.js';
import { guardrailAdapters } from '../../activities/guardrail/registry.js';
import { neverTouchReason } from '../../domain/guardrail/never-touch.js';
import { loadConfig } from '../../runtime/config.js';
import { openFlags } from '../../runtime/flags.js';
import { Secret } from '../../runtime/secret.js';

const { config, baseFolder } = loadConfig({ cwd: '/nowhere' });
const deps: AdapterDeps = {
  log: () => undefined,
  now: () => 0,
  fetch: globalThis.fetch,
  resolveSecret: async () => new Secret(''),
  folder: baseFolder,
};

describe('the sample organisation', () => {
  it('has people whom every account names as its owner', async () => {
    const directory = await directoryAdapters[config.directory.adapter].open(config.directory, deps);
    for (const { owner } of Object.values(config.accounts)) {
      expect(await directory.person(owner?.person ?? '')).toBeDefined();
      expect(await directory.team(owner?.team ?? '')).not.toEqual([]);
    }
  });

  it('has flags that can be read', async () => {
    const flags = await openFlags(config.flags?.path);
    try {
      expect(flags.state().fault).toBeUndefined();
      expect(await flags.killSwitch({ targetingKey: 'f' })).toBe(false);
    } finally {
      await flags.close();
    }
  });

  it('has lists and calendars that can be read', () => {
    const list = readNeverTouch(config.neverTouch?.path);
    const [exception] = list.except;
    expect(readFreezes(config.freezes?.path).length).toBeGreaterThan(0);
    expect(
      neverTouchReason({ arn: exception?.arn ?? '', name: 'emergency-access-drill', tags: {} }, list),
    ).toBeNull();
    expect(
      neverTouchReason({ arn: 'arn:aws:iam::1:role/x', name: 'emergency-access-drill', tags: {} }, list),
    ).toMatch(/break-glass/);
  });

  it('is served by the embedded guardrails', async () => {
    await expect(
      guardrailAdapters[config.guardrail.adapter].open(config.guardrail, deps),
    ).resolves.toBeDefined();
  });
});
