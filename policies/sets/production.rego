# Production, and every environment that nobody named.
package curtail.sets.production

import data.curtail.features

max_changes := 10

deny contains "production: deleting an identity or a credential by API needs two approvals; use a ticket or a pull request" if {
	input.route == "api"
	features.deletes_identity
	not input.identity.highPrivilege == true
}

deny contains "production: more than 10 changes in one draft; split it" if {
	count(input.changes) > max_changes
}

deny contains "production: a draft with a confidence below 0.5 is not put to people" if {
	not input.confidence >= 0.5
}
