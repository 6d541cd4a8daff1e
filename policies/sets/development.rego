# Development: mistakes are cheap, so only the size is bounded.
package curtail.sets.development

max_changes := 50

deny contains "development: more than 50 changes in one draft; split it" if {
	count(input.changes) > max_changes
}
