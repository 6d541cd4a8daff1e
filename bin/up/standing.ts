import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import type { GatewaySigner } from '../../runtime/grant-keys.js';
import { signStanding } from '../../runtime/standing-grants.js';

const StandingFile = z.strictObject({
  standingApprovals: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        grantedBy: z.string().min(1),
        expires: z.union([z.iso.datetime({ offset: true }), z.date()]),
        kinds: z.array(z.string()).min(1),
        environments: z.array(z.string()).min(1),
        accounts: z.array(z.string()).default([]),
        maxRisk: z.number().min(0).max(100),
        minConfidence: z.number().min(0).max(1),
        maxPerDay: z.number().int().min(1),
      }),
    )
    .default([]),
});

/** Signs the standing approvals that the sample's people granted; one that the ledger knows already is left as it is. */
export async function seedStandingApprovals(
  ports: LifecyclePorts,
  signer: GatewaySigner,
  path: string,
): Promise<void> {
  if (!existsSync(path)) return;
  const { standingApprovals } = StandingFile.parse(parse(await readFile(path, 'utf8')) ?? {});
  const known = new Set((await ports.ledger.standingApprovals()).map((row) => row.id));
  for (const { expires, ...bounds } of standingApprovals) {
    if (known.has(bounds.id)) continue;
    const expiresAtMs = new Date(expires).getTime();
    const signed = await signStanding({ ...bounds, expiresAtMs }, signer);
    const atMs = ports.now();
    await ports.ledger.putStandingApproval(
      { id: bounds.id, signed, grantedBy: bounds.grantedBy, expiresAtMs },
      [
        {
          id: `standing/${bounds.id}`,
          stream: 'system',
          type: 'standing.granted',
          actor: bounds.grantedBy,
          atMs,
          fields: { id: bounds.id, maxRisk: bounds.maxRisk, maxPerDay: bounds.maxPerDay },
        },
      ],
    );
  }
}
