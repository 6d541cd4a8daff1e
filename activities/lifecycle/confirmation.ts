import { z } from 'zod';
import type { LifecyclePorts } from './ports.js';

/** Bucket of the ledger's items in which confirmations stand, by the source's name. */
const CONFIRMATIONS = 'intake-confirmed';

/** What a finding waits for whose source nobody has confirmed. */
export const HELD = 'confirmation of its source';

const Kept = z.strictObject({ by: z.string(), atMs: z.number() });

/** Who said that the findings of a source may begin their lives, and when. */
export interface Confirmation {
  /** A person's id, or `configuration`. */
  by: string;
  /** Milliseconds since the epoch; absent for the configuration. */
  atMs?: number;
}

type Ports = Pick<LifecyclePorts, 'ledger' | 'sources' | 'settings' | 'now'>;

/** The names under which findings of a platform come: its configured sources, or its own name for what is handed in. */
export function namesOf(ports: Pick<LifecyclePorts, 'sources'>, platform: string): readonly string[] {
  const names = [...ports.sources]
    .filter(([, { traits }]) => traits.vendor === platform)
    .map(([name]) => name);
  return names.length > 0 ? names : [platform];
}

/** Who confirmed a source; undefined while nobody did. */
export async function confirmationOf(ports: Ports, name: string): Promise<Confirmation | undefined> {
  if (ports.settings.confirmedSources.has(name)) return { by: 'configuration' };
  const parsed = Kept.safeParse(await ports.ledger.item(CONFIRMATIONS, name, ports.now()));
  return parsed.success ? parsed.data : undefined;
}

/**
 * Whether lives may begin for findings of a platform: every source of it is confirmed. A source that is new holds the
 * platform's new findings back; what lives already goes on.
 */
export async function isConfirmed(ports: Ports, platform: string): Promise<boolean> {
  for (const name of namesOf(ports, platform))
    if ((await confirmationOf(ports, name)) === undefined) return false;
  return true;
}

/** Keeps that a person lets a source begin. The first confirmation stands. */
export async function confirmSource(
  ports: Ports,
  input: { name: string; by: string },
): Promise<Confirmation> {
  const { name, by } = input;
  const before = await confirmationOf(ports, name);
  if (before !== undefined) return before;
  const atMs = ports.now();
  await ports.ledger.audit([
    {
      id: `intake-confirmed/${name}/${atMs}`,
      stream: 'system',
      type: 'intake.confirmed',
      actor: by,
      atMs,
      fields: { source: name },
    },
  ]);
  await ports.ledger.putItem({ bucket: CONFIRMATIONS, key: name, value: { by, atMs } });
  return { by, atMs };
}
