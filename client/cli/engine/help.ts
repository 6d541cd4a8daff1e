/** What goes in and what comes out, command by command, for the help. `Document` is an AWS policy as JSON or as text. */
export const ENGINE_HELP: Readonly<Record<string, string>> = {
  'policy check': `
Reads   {"reference": Document(s), "candidate": Document(s), "policyType": "identity", "resourceAccount"?, "options"?}
Answers {"verdict": "PASS" | "FAIL" | "UNKNOWN", "witness"?, "reason", "assumptions", "certificate"?}; ends with 1 unless PASS.
        Is every request that the candidate allows allowed by the reference? PASS is proved; a FAIL shows a request.
        policyType: identity, resource, trust, boundary, scp, rcp, endpoint, session
        options: arns "typed" | "string", budgetMs, nodes

Example:
  echo '{"policyType": "identity",
         "reference": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
         "candidate": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}}' |
    curtail policy check`,
  'policy evaluate': `
Reads   {"request": {"principal", "action", "resource", "context"?, "resourceAccount"?}, "policies": {"identity": [Document],
         "resource"?, "boundaries"?, "session"?, "endpoint"?, "scps"?: [[Document]], "rcps"?: [[Document]]}}
Answers {"decision": "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied", "by": [the statements that decided]}
        A resource with wildcards needs "resourcePattern": true in the request: is anything that it matches allowed?

Example:
  echo '{"request": {"principal": "arn:aws:iam::111122223333:user/ann", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"},
         "policies": {"identity": [{"Version": "2012-10-17",
           "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}]}}' | curtail policy evaluate`,
  'policy expand': `
Reads   {"actions": [pattern], "notActions"?: [pattern]}
Answers {"actions": [name], "unmatched": [pattern]}

Example: echo '{"actions": ["s3:Get*"], "notActions": ["*Acl"]}' | curtail policy expand`,
  'policy rightsize': `
Reads   {"principal"?, "policies": [{"name", "arn"?, "managed": "inline" | "customer" | "aws", "attachedTo"?, "document"}],
         "usage": [{"principal"?, "action", "resource"?, "count", "lastUsed", "outcome"} or CloudTrail records],
         "window"?: {"from", "to"}, "options"?: {"resources": "leave" | "exact" | "prefix", "logging"?, "keepDependent"?}}
Answers {"policies", "removed", "kept", "justification", "blindSpots", "proof"}
        logging says what the trail records: {"management": true, "data": "all" or ["s3", …]}. An action that it does not
        record is kept, since its absence proves nothing.

Example:
  echo '{"policies": [{"name": "app", "managed": "inline", "document": {"Version": "2012-10-17",
           "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}}],
         "usage": [{"action": "sqs:ListQueues", "count": 3, "lastUsed": "2026-05-01", "outcome": "ok"}],
         "window": {"from": "2026-01-01", "to": "2026-06-30"}}' | curtail policy rightsize`,
  paths: `
Reads   {"account": the output of aws iam get-account-authorization-details, or {"accounts": […]}, "from"?: [ARN], "change"?}
Answers {"escalations": [{"from", "to", "technique", "path", "status", "assumptions"}], "admins", "reach", "closed"?, "opened"?}
        With a change, closed and opened say what it does to the paths.

Example: aws iam get-account-authorization-details | jq '{account: .}' | curtail paths`,
  'paths fix': `
Reads   {"account", "from": ARN, "technique"? or "to"?: ARN, "usage"?: […]}
Answers {"change": [change], "closed", "opened", "proof"}; without a change, why there is none

Example: jq '{account: ., from: "arn:aws:iam::111122223333:role/dev"}' account.json | curtail paths fix`,
  draft: `
Reads   {"finding": as finding normalise gives it, "account", "usage"?: […], "window"?: {"from", "to"}}
Answers {"outcome", "change", "proof", "explanation", "confidence"}; without a draft, change and proof are null

Example: jq -n --slurpfile f finding.json --slurpfile a account.json '{finding: $f[0], account: $a[0]}' | curtail draft`,
  'change render': `
Reads   {"change": {"kind", "target": {"principal"?, "arn"?, "name"?}, "before", "after"},
         "format"?: "policy" | "terraform" | "cloudformation" | "cli"}
Answers {"files": [{"name", "text"}]}`,
  'change reverse': `
Reads   {"change": {"kind", "target", "before", "after"}}
Answers {"change": the same one backwards}`,
  'proof verify': `
Reads {"proof": …, "inputs": …} and answers {"valid", "reason"}; ends with 1 when the proof does not hold.
  proof   what policy check, policy rightsize, draft or paths fix answered, or its certificate or proof alone
  inputs  the line that was asked, or its parts by name; for a right-sizing also "result", the new policies, and
          for a draft "changes", where only the proof and not the whole answer is passed
With files: curtail proof verify answer.json --inputs folder
  folder/reference.json, candidate.json, policies.json, account.json … are the inputs of those names,
  folder/usage/ is a trail as AWS writes it (.json, .json.gz), folder/inputs.json is the line that was asked.

Example:
  curtail policy check --json < line.json > answer.json
  jq -n --slurpfile i line.json --slurpfile a answer.json '{proof: $a[0], inputs: $i[0]}' | curtail proof verify`,
  'finding normalise': `
Reads   {"source": "wiz" | "prisma" | "orca" | "lacework" | "generic", "payload": one record as the platform writes it}
Answers {"finding": the one shape that draft and everything else takes}

Example:
  echo '{"source": "generic", "payload": {"finding": {"identityArn": "arn:aws:iam::111122223333:role/app",
         "permissions": ["s3:*"], "lastUsedAction": "s3:GetObject", "lastUsedDate": "2026-05-01"}}}' | curtail finding normalise`,
  anomaly: `
Reads   {"events": [CloudTrail record], "by"?: "principal" | "event"}
Answers {"ranked": [{"principal" or "event", "score": 0..1, "why": [text]}]}, most unusual first

Example: gunzip -c trail/*.json.gz | jq -s '{events: map(.Records[])}' | curtail anomaly`,
  redact: `
Reads   {"text"}
Answers {"text", "entities": [{"type", "start", "end", "pseudonym"}]}; offsets are UTF-16 units of the text that came in

Example: echo '{"text": "ask ann@example.com"}' | curtail redact`,
};

/** What holds for every command of the engine. */
export const BATCH_HELP = `
One JSON document on standard input is answered by one on standard output. With --batch each line is one: answers come in
order, "id" is echoed, a bad line is answered with its error, and {"define": name, "policies": …} names policies that later
lines "use". Ends with 0 success, 1 a no, 2 wrong usage, 3 something broke.`;
