# What can be said about an identity from its name, path and tags.
package curtail.features

arn := lower(object.get(input, ["identity", "arn"], ""))

name := lower(object.get(input, ["identity", "name"], ""))

tags := object.get(input, ["identity", "tags"], {})

service_linked if contains(arn, ":role/aws-service-role/")

service_linked if startswith(name, "awsservicerolefor")

identity_center if contains(arn, ":role/aws-reserved/")

identity_center if startswith(name, "awsreservedsso_")

break_glass if regex.match(`break-?_?glass`, name)

break_glass if {
	some key, value in tags
	lower(key) in {"break-glass", "breakglass", "curtail:break-glass"}
	not lower(value) in {"false", "no", ""}
}

# Deleting an identity or a credential cannot be undone by setting something back.
deletes_identity if {
	some change in input.changes
	change.deletes == true
	change.kind in {"role", "access-key"}
}
