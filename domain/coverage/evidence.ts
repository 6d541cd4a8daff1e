import type { AccountPrincipal } from '../graph/account.js';
import type { PolicyDocument } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import type { Json } from '../json.js';
import { grantedActions } from '../risk/over-permission.js';
import { type LoggingScope, unseenBecause } from '../usage/logging.js';
import { neverEdited } from '../usage/principal.js';

/** What stands between an identity and a full proof. Each kind has one setting that lifts it. */
export type Blocker =
  | { kind: 'management-events' }
  | { kind: 'window' }
  | { kind: 'gap' }
  /** Data events of these services are not recorded, and the identity may do such things. */
  | { kind: 'data-events'; services: readonly string[] }
  | { kind: 'region'; regions: readonly string[] }
  /** IAM says that it was used at a time at which the trail shows nothing of it. */
  | { kind: 'contradicted'; lastUsedDay: string }
  /** Documents of attached policies that nobody read. */
  | { kind: 'unknown-policy'; count: number };

/** How well one identity's draft could be proved today. */
export interface IdentityEvidence {
  arn: string;
  kind: 'user' | 'role';
  /** `provable`: nothing is in the way. `partly`: a draft is possible, with named blind spots. `blind`: the log says nothing. */
  standing: 'provable' | 'partly' | 'blind';
  blockers: readonly Blocker[];
  /** Actions that it holds, and those of them whose use the log would show. */
  granted: number;
  decidable: number;
}

/** Reads documents once, however many identities hold them. */
export function openGrants(): (principal: AccountPrincipal) => readonly string[] {
  const parsed = new Map<Json, PolicyDocument>();
  const byDocuments = new Map<string, readonly string[]>();
  const number = new Map<Json, number>();
  return ({ documents }) => {
    const key = documents
      .map(({ document }) => {
        const known = number.get(document) ?? number.size;
        number.set(document, known);
        return known;
      })
      .join(' ');
    const known = byDocuments.get(key);
    if (known !== undefined) return known;
    const read = documents.map(({ document }) => {
      const policy = parsed.get(document) ?? parsePolicy(document, 'identity');
      parsed.set(document, policy);
      return policy;
    });
    const granted = grantedActions(read);
    byDocuments.set(key, granted);
    return granted;
  };
}

/** Whether somebody may edit what the identity holds; SSO's and services' own roles are changed elsewhere. */
export function isEditable(principal: AccountPrincipal): boolean {
  return !principal.serviceLinked && neverEdited(principal.arn) === undefined;
}

/** Data-event services whose use cannot be seen, and how many actions can; by action name, asked once. */
export function openSight(logging: LoggingScope): (granted: readonly string[]) => {
  unseen: readonly string[];
  decidable: number;
} {
  const services = new Map<string, string | null>();
  const memo = new Map<readonly string[], { unseen: readonly string[]; decidable: number }>();
  const unseenService = (action: string): string | null => {
    const known = services.get(action);
    if (known !== undefined) return known;
    const because = unseenBecause(action, logging);
    const service = because?.reasonCode === 'data-events-not-logged' ? (action.split(':')[0] ?? '') : null;
    services.set(action, service);
    return service;
  };
  return (granted) => {
    const known = memo.get(granted);
    if (known !== undefined) return known;
    const unseen = new Set<string>();
    let decidable = 0;
    for (const action of granted) {
      const service = unseenService(action);
      if (service === null) decidable += 1;
      else unseen.add(service);
    }
    const answer = { unseen: [...unseen].sort(), decidable: logging.management ? decidable : 0 };
    memo.set(granted, answer);
    return answer;
  };
}
