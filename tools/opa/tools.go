//go:build tools

// Package tools pins the OPA compiler that turns policies/ into WebAssembly.
package tools

import _ "github.com/open-policy-agent/opa"
