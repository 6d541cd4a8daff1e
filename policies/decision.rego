# The one question that Curtail asks: may this draft go on? Anything but a clear yes is a no.
package curtail

import data.curtail.automate
import data.curtail.base
import data.curtail.sets.development
import data.curtail.sets.production
import data.curtail.sets.standard

# An environment that nobody named is treated like production: the strictest set is the safe guess.
policy_set := "development" if {
	input.environment == "development"
} else := "default" if {
	input.environment == "staging"
} else := "production"

set_reasons contains reason if {
	policy_set == "production"
	some reason in production.deny
}

set_reasons contains reason if {
	policy_set == "default"
	some reason in standard.deny
}

set_reasons contains reason if {
	policy_set == "development"
	some reason in development.deny
}

reasons := sort(((base.deny | automate.deny) | set_reasons))

# METADATA
# entrypoint: true
decision := {
	"allow": count(reasons) == 0,
	"reasons": reasons,
	"policySet": policy_set,
}
