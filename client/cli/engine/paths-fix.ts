import { z } from 'zod';
import { applyChanges } from '../../../domain/change/apply.js';
import type { Change } from '../../../domain/change/change.js';
import { assemble } from '../../../domain/draft/assemble.js';
import { openCase } from '../../../domain/draft/draft.js';
import type { DraftInput } from '../../../domain/draft/model.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { type AccountInput, parseAccount } from '../../../domain/graph/account.js';
import { contrastPaths } from '../../../domain/graph/compare.js';
import { fixPaths } from '../../../domain/graph/fix.js';
import type { Escalation } from '../../../domain/graph/paths.js';
import type { Proof } from '../../../domain/proof/proof.js';
import { readUsage } from '../../../domain/usage/log.js';
import { DEFAULT_LOGGING } from '../../../domain/usage/logging.js';
import { windowOf } from '../../../domain/usage/window.js';
import { sha256 } from './digest.js';
import { at, checkShape } from './input.js';
import { LoggingShape, WindowShape } from './policy-rightsize.js';

const Line = z.object({
  account: z.record(z.string(), z.unknown()),
  from: z.string(),
  technique: z.string().nullish(),
  to: z.string().nullish(),
  usage: z.array(z.unknown()).default([]),
  window: WindowShape.nullish(),
  logging: LoggingShape.nullish(),
});

const EXPECTED = '{"account": …, "from": ARN, "technique"?: id, "to"?: ARN, "usage"?: […]}';

/** What `curtail paths fix` answers. Without a change `proof` is null and `reason` says why. */
export interface PathsFixAnswer {
  change: readonly Change[];
  closed: readonly Escalation[];
  opened: readonly Escalation[];
  proof: Proof | null;
  reason?: string;
  reasonCode?: string;
}

/** `curtail paths fix`: the smallest change that breaks paths and keeps what is used, with its proof. */
export function pathsFix(line: unknown): PathsFixAnswer {
  const shape = checkShape(Line, line, EXPECTED);
  const account = shape.account as AccountInput;
  const before = at('/account', () => parseAccount(account));
  const usage = readUsage(shape.usage);
  const answer = fixPaths({
    account,
    from: shape.from,
    usage,
    ...(shape.technique == null ? {} : { technique: shape.technique }),
    ...(shape.to == null ? {} : { to: shape.to }),
  });
  if (answer.kind === 'none') {
    const { reason, reasonCode } = answer;
    return { change: [], closed: [], opened: [], proof: null, reason, reasonCode };
  }
  const after = parseAccount(applyChanges(account, answer.changes));
  const { closed, opened } = contrastPaths(before, after, { from: [shape.from] });
  return { change: answer.changes, closed, opened, proof: proofOf(shape, answer.changes) };
}

function proofOf(shape: z.output<typeof Line>, changes: readonly Change[]): Proof {
  const the = openCase(inputOf(shape));
  const nothing = { removed: [], kept: [], justification: [], usedHighRisk: [], blindSpots: [] };
  return assemble(the, { kind: 'plan', changes, ...nothing }).proof;
}

/**
 * What a line asks, as the question of a draft.
 * @throws PolicyError pointing into the line
 */
export function pathsFixInputOf(line: unknown, window?: DraftInput['window']): DraftInput {
  return inputOf(checkShape(Line, line, EXPECTED), window);
}

function inputOf(shape: z.output<typeof Line>, window?: DraftInput['window']): DraftInput {
  return {
    finding: findingOf(shape.from),
    account: shape.account as AccountInput,
    usage: shape.usage,
    window:
      shape.window == null
        ? (window ?? windowOf(readUsage(shape.usage), Date.now()))
        : { fromIso: shape.window.from, toIso: shape.window.to },
    logging: shape.logging ?? DEFAULT_LOGGING,
    now: () => performance.now(),
    digest: sha256,
  };
}

/** The question as a finding, since that is what proofs are about. */
function findingOf(from: string): Finding {
  return {
    source: 'generic',
    sourceId: 'paths-fix',
    canonicalKey: `generic/escalation-path/${from}`,
    kind: 'escalation-path',
    title: 'Escalation path',
    severity: 'high',
    status: 'open',
    cloud: 'aws',
    subject: { type: 'identity', id: from, name: from.slice(from.lastIndexOf('/') + 1) },
    resources: [],
    evidence: {},
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
  };
}
