/** What the company's records say of a resource; every member is shown with `id` as its source. */
export interface CmdbRecord {
  /** Id of the record, e.g. `svc-orders`. */
  id: string;
  service?: string;
  businessUnit?: string;
  department?: string;
  criticality?: 'critical' | 'high' | 'medium' | 'low';
  /** Names of regulations, e.g. `HIPAA`. */
  regulations: readonly string[];
  /** Sentences of the company's own policies. */
  internalPolicies: readonly string[];
  owner?: { person?: string; team?: string };
}

/** The company's records about its resources. */
export interface Cmdb {
  /** The record of a resource by its ARN, name or tags; undefined when there is none. */
  record(resource: {
    arn: string;
    name: string;
    tags: Readonly<Record<string, string>>;
  }): Promise<CmdbRecord | undefined>;
}
