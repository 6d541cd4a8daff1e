//go:build tools

// Package tools pins the Temporal CLI so that the Go module proxy can provide its source.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
