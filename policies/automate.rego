# The outer bounds of every standing approval. A signed grant may be narrower, never wider.
package curtail.automate

# Every one of these is reversed by putting the earlier state back.
reversible_kinds := {"inline-policy", "managed-policy", "policy-attachment", "access-key", "public-access-block", "access-logging"}

# Actions that one unattended change may take away.
max_removed := {"development": 500, "staging": 100}

# Risk score (0..100) up to which nobody needs to be asked.
max_risk := {"development": 80, "staging": 60}

min_confidence := 0.9

deny contains "unattended: not in this environment" if {
	input.phase == "automate"
	not max_risk[input.environment]
}

deny contains "unattended: the proof has blind spots" if {
	input.phase == "automate"
	not input.proof.verdict == "proved"
}

deny contains "unattended: the confidence is below 0.9" if {
	input.phase == "automate"
	not input.confidence >= min_confidence
}

deny contains "unattended: the risk score is too high for this environment" if {
	input.phase == "automate"
	limit := max_risk[input.environment]
	not input.risk <= limit
}

deny contains "unattended: the identity has high privilege" if {
	input.phase == "automate"
	input.identity
	not input.identity.highPrivilege == false
}

deny contains "unattended: nothing is deleted without a person" if {
	input.phase == "automate"
	some change in input.changes
	not change.deletes == false
}

deny contains reason if {
	input.phase == "automate"
	some change in input.changes
	not change.kind in reversible_kinds
	reason := concat("", ["unattended: a change of kind ", change.kind, " needs a person"])
}

deny contains "unattended: it removes too many actions at once" if {
	input.phase == "automate"
	limit := max_removed[input.environment]
	not removed <= limit
}

removed := sum([count(change.removes) | some change in input.changes])
