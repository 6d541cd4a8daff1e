import { createHash } from 'node:crypto';
import type { AuditEntry, RequestRow } from '../../activities/ledger/port.js';
import type { MintedGrant } from '../../runtime/grants.js';
import type { DecisionInput } from './decider.js';

/** The row that says whom the gateway vouched for, about what. The grant itself is kept nowhere. */
export function grantSigned(
  input: DecisionInput,
  row: RequestRow,
  grant: MintedGrant,
  signer: { kid: string; atMs: number },
): AuditEntry {
  const { jti } = grant.claims;
  const { digest, verdict, via } = input;
  return {
    ...about(input, row, signer.atMs),
    id: `gateway/grant/${jti}`,
    type: 'grant.signed',
    fields: { requestId: row.request.id, digest, verdict, via, jti, kid: signer.kid },
  };
}

/** The row about a decision that the gateway did not sign. The same click is the same row. */
export function decisionRefused(
  input: DecisionInput,
  row: RequestRow,
  objection: { why: string; reason: string },
  atMs: number,
): AuditEntry {
  const { verdict, via, person } = input;
  const mark = shortDigest(input.nonce, objection.reason);
  return {
    ...about(input, row, atMs),
    id: `gateway/refused/${row.request.id}/${person.id}/${mark}`,
    type: 'decision.refused',
    fields: { requestId: row.request.id, verdict, via, why: objection.why },
    body: { reason: objection.reason },
  };
}

function about(
  input: DecisionInput,
  row: RequestRow,
  atMs: number,
): Omit<AuditEntry, 'id' | 'type' | 'fields'> {
  const [findingKey] = row.findingKeys;
  return {
    stream: 'gateway',
    actor: input.person.id,
    atMs,
    workflowId: row.request.workflowId,
    ...(findingKey !== undefined && { findingKey }),
  };
}

/** 32 hex characters that name these parts. */
export function shortDigest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
