import type { Json } from '../json.js';
import type { AccountPolicy, HeldDocument } from './account.js';
import {
  arnAt,
  documentValue,
  type Located,
  memberOf,
  objectsAt,
  optionalTextAt,
  textAt,
} from './account-value.js';
import { WELL_KNOWN_POLICIES } from './well-known-policies.js';

type Policies = ReadonlyMap<string, AccountPolicy>;

/** What a user, role or group holds by itself. */
export interface Held {
  documents: HeldDocument[];
  attached: string[];
  unknownPolicies: string[];
}

/** Managed policies by their default versions; those whose document is not there are left out. @throws PolicyError */
export function readPolicies(input: Located, account: string): AccountPolicy[] {
  return objectsAt(input, 'Policies').flatMap((policy) => {
    const arn = arnAt(policy, 'Arn');
    const live = defaultVersion(policy);
    if (live === undefined || memberOf(live, 'Document') === undefined) return [];
    const document = documentValue(memberOf(live, 'Document'), `${live.pointer}/Document`);
    return [{ arn, name: nameOf(policy, 'PolicyName', arn), kind: policyKind(arn), account, document }];
  });
}

function defaultVersion(policy: Located): Located | undefined {
  const versions = objectsAt(policy, 'PolicyVersionList');
  const id = optionalTextAt(policy, 'DefaultVersionId');
  return (
    versions.find((version) => memberOf(version, 'IsDefaultVersion') === true) ??
    versions.find((version) => id !== undefined && memberOf(version, 'VersionId') === id) ??
    (versions.length === 1 ? versions[0] : undefined)
  );
}

function policyKind(arn: string): 'customer' | 'aws' {
  return arn.split(':')[4] === 'aws' ? 'aws' : 'customer';
}

/** A name as given, or the last part of the ARN. */
export function nameOf(holder: Located, key: string, arn: string): string {
  return optionalTextAt(holder, key) ?? arn.slice(arn.lastIndexOf('/') + 1);
}

/** The inline and attached policies of a holder. @throws PolicyError */
export function readHeld(policies: Policies, holder: Located, inlineKey: string): Held {
  const held: Held = { documents: [], attached: [], unknownPolicies: [] };
  for (const inline of objectsAt(holder, inlineKey)) {
    const document = documentValue(memberOf(inline, 'PolicyDocument'), `${inline.pointer}/PolicyDocument`);
    held.documents.push({ name: textAt(inline, 'PolicyName'), kind: 'inline', document });
  }
  for (const attachment of objectsAt(holder, 'AttachedManagedPolicies')) {
    const arn = arnAt(attachment, 'PolicyArn');
    held.attached.push(arn);
    const document = knownDocument(policies, arn);
    if (document === undefined) {
      held.unknownPolicies.push(arn);
      continue;
    }
    held.documents.push({
      name: nameOf(attachment, 'PolicyName', arn),
      arn,
      kind: policyKind(arn),
      document,
    });
  }
  return held;
}

/** A managed policy's document, from the input or because everybody knows it; undefined when it is not known. */
export function knownDocument(policies: Policies, arn: string): Json | undefined {
  return policies.get(arn)?.document ?? WELL_KNOWN_POLICIES.get(arn.replace(/^arn:[^:]+:/, 'arn:aws:'));
}
