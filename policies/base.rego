# What holds everywhere, whatever the environment and the phase.
package curtail.base

import data.curtail.features

deny contains "the request to the policies is incomplete: environment, phase, route, proof, changes, risk and confidence are needed" if {
	not complete
}

complete if {
	is_string(input.environment)
	input.phase in {"observe", "assist", "automate"}
	input.route in {"api", "pull-request", "ticket"}
	is_string(input.proof.verdict)
	is_number(input.proof.newlyDenied)
	is_array(input.changes)
	is_number(input.risk)
	is_number(input.confidence)
}

deny contains "there is no change to judge" if {
	not count(input.changes) > 0
}

# Never touch: the list of the organisation, then what the names say even when the list was not asked.
deny contains reason if {
	is_string(input.identity.neverTouch)
	reason := concat("", ["never touch: ", input.identity.neverTouch])
}

deny contains "never touch: a service-linked role belongs to the service that made it" if {
	features.service_linked
}

deny contains "never touch: a role of IAM Identity Center is managed by its permission set" if {
	features.identity_center
}

deny contains "never touch: a break-glass identity must work when everything else does not" if {
	features.break_glass
}

# Only a proof lets a draft pass. An absent one is no proof. Phase observe shows a draft and goes no further.
deny contains "the draft is not proved" if {
	input.phase != "observe"
	not input.proof.verdict in {"proved", "partial"}
	not asked_undo
}

# An undo proves no reduction: it is the exact reverse of a change that was applied, asked for by one person and decided
# by others. Never touch, freezes and all else hold for it too.
asked_undo if {
	input.phase == "assist"
	input.proof.verdict == "restores"
}

deny contains "the draft would deny requests that were observed in the usage window" if {
	input.phase != "observe"
	not input.proof.newlyDenied == 0
}

deny contains "the draft is refuted: it would allow what was not allowed before" if {
	input.proof.verdict == "broken"
}

# A freeze stops what Curtail applies itself. What a person merges or types is theirs to time.
deny contains reason if {
	is_string(input.freeze)
	acts_alone
	reason := concat("", ["change freeze: ", input.freeze])
}

acts_alone if input.route == "api"

acts_alone if input.phase == "automate"

deny contains "a policy that AWS owns cannot be edited: attach a smaller one instead" if {
	some change in input.changes
	change.kind == "managed-policy"
	startswith(object.get(change.target, "arn", ""), "arn:aws:iam::aws:policy/")
}
