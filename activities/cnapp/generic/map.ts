import { z } from 'zod';
import type { Finding, FindingEvidence, FindingResource } from '../../../domain/finding/finding.js';
import { isRecord, type Json } from '../../../domain/json.js';
import {
  arnParts,
  boundedTexts,
  canonicalKey,
  cloudOf,
  defined,
  parseRecord,
  plainText,
  RecordError,
  readIso,
} from '../finding-parts.js';
import type { PlatformMap } from '../record-map.js';

const Texts = z.array(z.string().min(1)).max(10_000);
const Identity = z.string().min(1).max(2048);

/** A finding of an identity with what it may do. The instruction that may stand beside it is not read: nobody follows it. */
const Described = z.object({
  finding: z.object({
    id: z.string().min(1).max(512).optional(),
    identityArn: Identity,
    permissions: Texts,
    attachedResources: Texts.default([]),
    lastUsedAction: z.string().min(1).nullish(),
    lastUsedDate: z.string().nullish(),
  }),
});

const Count = z.looseObject({ action: z.string().min(1), last_used: z.string().nullish() });

/** An identity with its policy and how often each action was used. */
const Measured = z.object({
  id: z.string().min(1).max(512).optional(),
  identity: Identity,
  current_policy: z.union([z.record(z.string(), z.unknown()), z.string().min(2)]),
  usage_data: z.array(Count).max(20_000),
  attached_resources: Texts.default([]),
});

/**
 * A plain payload that no platform wrote, as finding: `{finding: {identityArn, permissions, …}}` or
 * `{identity, current_policy, usage_data, …}` (`docs/vendors/generic.md`).
 * @throws RecordError
 */
export function toFinding(record: unknown): Finding {
  if (!isRecord(record)) throw new RecordError('generic: the record is no object');
  if ('finding' in record) return described(parseRecord(Described, record, 'generic').finding);
  if ('identity' in record) return measured(parseRecord(Measured, record, 'generic'));
  throw new RecordError(
    'generic: pass {"finding": {"identityArn", "permissions", …}} or {"identity", "current_policy", "usage_data", …}',
  );
}

function described(finding: z.output<typeof Described>['finding']): Finding {
  const lastUsedIso = readIso(finding.lastUsedDate);
  const action = plainText(finding.lastUsedAction);
  return identityFinding(finding.identityArn, finding.id, finding.attachedResources, {
    evidence: defined({
      permissions: boundedTexts(finding.permissions),
      // One use is all that the payload tells; how often is not in it.
      usage: action === undefined ? undefined : [{ action, count: 1, ...defined({ lastUsedIso }) }],
      lastUsedIso,
    }),
  });
}

function measured(record: z.output<typeof Measured>): Finding {
  const usage = record.usage_data.slice(0, 2000).map((each) => {
    const counted = countOf(each);
    return {
      action: each.action.slice(0, 256),
      ...counted,
      ...defined({ lastUsedIso: readIso(each.last_used) }),
    };
  });
  const days = Math.max(0, ...usage.map((each) => each.days ?? 0));
  const unused = usage.filter((each) => each.count === 0).map((each) => each.action);
  return identityFinding(record.identity, record.id, record.attached_resources, {
    evidence: {
      policy: quotedPolicy(record.current_policy),
      usage: usage.map(({ days: _days, ...each }) => each),
      ...(unused.length > 0 && { unusedPermissions: boundedTexts(unused) }),
    },
    ...(days > 0 && { observationDays: days }),
  });
}

/** `count_last_30d`: the count, and the days that the name states. */
function countOf(row: Readonly<Record<string, unknown>>): { count: number; days?: number } {
  for (const [name, value] of Object.entries(row)) {
    const days = /^count(?:_last_(\d{1,4})d(?:ays)?)?$/.exec(name);
    if (days === null) continue;
    const count = Number(value);
    if (!Number.isFinite(count) || count < 0)
      throw new RecordError(`generic: ${name} is no count`, `/usage_data`);
    return { count: Math.floor(count), ...(days[1] !== undefined && { days: Number(days[1]) }) };
  }
  throw new RecordError('generic: a row of usage_data has no count, such as count_last_30d', '/usage_data');
}

function quotedPolicy(policy: unknown): Json {
  if (typeof policy !== 'string') return policy as Json;
  try {
    return JSON.parse(policy) as Json;
  } catch (error) {
    throw new RecordError(
      `generic: current_policy is no JSON: ${(error as Error).message}`,
      '/current_policy',
    );
  }
}

function identityFinding(
  identity: string,
  id: string | undefined,
  attached: readonly string[],
  more: { evidence: FindingEvidence; observationDays?: number },
): Finding {
  const subject = {
    type: 'identity' as const,
    id: identity,
    name: identity.slice(identity.lastIndexOf('/') + 1),
  };
  const kind = 'excessive-permissions' as const;
  return {
    source: 'generic',
    sourceId: id ?? identity,
    canonicalKey: canonicalKey({ source: 'generic', kind, subject, rule: 'least-privilege' }),
    kind,
    title: plainText(`${subject.name} may do more than it uses`) ?? 'Excessive permissions',
    severity: 'medium',
    status: 'open',
    cloud: cloudOf(undefined, identity),
    subject,
    resources: boundedTexts(attached, 2048, 500).map(asResource),
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
    ...defined({ account: arnParts(identity).account }),
    ...more,
  };
}

function asResource(id: string): FindingResource {
  const type = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:/.test(id)
    ? 'AWS::Lambda::Function'
    : /^arn:[^:]+:s3:::[^/]+$/.test(id)
      ? 'AWS::S3::Bucket'
      : undefined;
  const name = id.startsWith('arn:') ? id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1) : id;
  return { id, name, ...defined({ type }) };
}

/** Plain payloads: one by one, in a list, or as `findings`. */
export const genericMap: PlatformMap = {
  recordLists: [['findings'], ['items'], ['data']],
  toFinding,
  fromRow: (row) => ({
    finding: {
      identityArn: row.get('identityarn') ?? row.get('identity') ?? null,
      permissions: (row.get('permissions') ?? '').split(/[\s;,]+/).filter((each) => each !== ''),
      attachedResources: (row.get('attachedresources') ?? '').split(/[\s;,]+/).filter((each) => each !== ''),
      lastUsedAction: row.get('lastusedaction') || null,
      lastUsedDate: row.get('lastuseddate') || null,
    },
  }),
};
