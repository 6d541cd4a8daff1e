# The default: neither production nor development.
package curtail.sets.standard

max_changes := 25

deny contains "more than 25 changes in one draft; split it" if {
	count(input.changes) > max_changes
}

deny contains "a draft with a confidence below 0.3 is not put to people" if {
	not input.confidence >= 0.3
}
