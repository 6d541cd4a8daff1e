import type { Change } from '../change.js';
import { asDocument, editResource, required, resourceOf } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { documentFault, MAX_BUCKET_POLICY, policyLength } from '../limits.js';
import { blocksEverything, grantsEveryone, withResourcePolicy } from '../public-access.js';
import { adopted, created, removed } from '../render/terraform.js';
import { lastName } from '../resource-name.js';
import {
  POLICY_SERVICES,
  policyLabel,
  policyMembers,
  type ResourcePolicyService,
  resourcePolicyService,
} from '../resource-policy-service.js';

/** A resource's own policy, or null when it has none. */
export const resourcePolicy: ChangeHandler = {
  read(account, target) {
    return asDocument(resourceOf(account, required(target.arn, 'arn', 'resource-policy'))['policy']);
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'resource-policy');
    return editResource(account, arn, (resource) => withResourcePolicy(resource, state));
  },
  refusal(account, change) {
    const arn = arnOf(change);
    const resource = resourceOf(account, arn);
    const service = resourcePolicyService(arn);
    if (service === undefined) return unknownService(arn);
    if (change.after === null)
      return service.remove === undefined ? `${arn} cannot be without a policy; replace it` : undefined;
    const fault = documentFault(change.after, 'resource');
    if (fault !== undefined) return `${arn}: ${fault}`;
    if (grantsEveryone(change.after) && blocksEverything(resource['publicAccessBlock'] as Change['after'])) {
      return `${arn}: the policy is public and the bucket's public access block refuses public policies`;
    }
    const length = policyLength(change.after);
    if (length <= MAX_BUCKET_POLICY) return undefined;
    return `${arn}: the policy would have ${length} characters, AWS allows ${MAX_BUCKET_POLICY}; shorten it`;
  },
  summary(change) {
    const verb = change.after === null ? 'Remove' : change.before === null ? 'Add' : 'Replace';
    return `${verb} the resource policy of ${arnOf(change)}.`;
  },
  terraform(change) {
    const arn = arnOf(change);
    const service = serviceOf(arn);
    const { type } = service.terraform;
    const id = service.terraform.id(arn);
    if (change.after === null) return removed(type, policyLabel(arn), id, `The policy of ${arn} goes`);
    const members = policyMembers(service, arn, change.after);
    if (change.before === null) return [created(type, policyLabel(arn), members)];
    return adopted(type, policyLabel(arn), id, members);
  },
  cloudformation(change) {
    const arn = arnOf(change);
    if (change.after === null)
      return { resources: {}, note: `Remove the policy of ${lastName(arn)} from its template.` };
    return { resources: serviceOf(arn).cloudformation(arn, change.after) };
  },
  cli(change) {
    const arn = arnOf(change);
    const service = serviceOf(arn);
    if (change.after !== null) return [service.put(arn, JSON.stringify(change.after))];
    if (service.remove === undefined)
      throw new ChangeError('Refused', `${arn} cannot be without a policy; replace it`);
    return [service.remove(arn)];
  },
};

function arnOf(change: Change): string {
  return required(change.target.arn, 'arn', 'resource-policy');
}

function serviceOf(arn: string): ResourcePolicyService {
  const service = resourcePolicyService(arn);
  if (service === undefined) throw new ChangeError('Refused', unknownService(arn));
  return service;
}

function unknownService(arn: string): string {
  return `${arn}: resource policies of this service are not rendered (only ${POLICY_SERVICES.join(', ')}); use the format policy`;
}
