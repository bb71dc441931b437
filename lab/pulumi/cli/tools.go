//go:build tools

// Package tools names the program that this module exists to pin: go.mod and go.sum fix every line of
// source it is built from, and nothing here is ever compiled into anything else.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
