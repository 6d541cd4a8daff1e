/** Answer of the organisation's policy-as-code. Anything but a clear yes is a no, with reasons. */
export interface GuardrailVerdict {
  allow: boolean;
  reasons: readonly string[];
  /** Name of the policy set that answered, per environment. */
  policySet: string;
  /** SHA-256 of the policies that answered. */
  digest: string;
}

/** What the policies see. They see features, never raw text of outsiders. */
export interface GuardrailInput {
  environment: string;
  account?: string;
  phase: 'observe' | 'assist' | 'automate';
  route: 'api' | 'pull-request' | 'ticket';
  finding: { kind: string; severity: string; source: string };
  identity?: {
    arn: string;
    name: string;
    tags: Record<string, string>;
    neverTouch: string | null;
    highPrivilege: boolean;
  };
  changes: readonly {
    kind: string;
    target: Record<string, string | undefined>;
    removes: readonly string[];
    deletes: boolean;
  }[];
  proof: { verdict: string; newlyDenied: number; notes: readonly string[] };
  risk: number;
  confidence: number;
  freeze: string | null;
  nowIso: string;
}

/** The organisation's guardrails. `decide` never throws for a no; it fails when it cannot answer. */
export interface Guardrail {
  decide(input: GuardrailInput): Promise<GuardrailVerdict>;
}
