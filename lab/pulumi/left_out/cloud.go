// Package cloud is what is left of the commands for Pulumi's own service: `pulumi api` says that it is not there.
package cloud

import (
	"errors"

	"github.com/spf13/cobra"
)

// ParamSpec is named by a file that stays; nothing makes one here.
type ParamSpec struct{}

// NewAPICmd returns `pulumi api`, which fails and says why.
func NewAPICmd() *cobra.Command {
	return &cobra.Command{
		Use:                "api",
		Short:              "Not in this build: call an endpoint of Pulumi's service",
		DisableFlagParsing: true,
		SilenceUsage:       true,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("`pulumi api` is left out of this build of pulumi; with a pulumi of your own on PATH, omi uses that one")
		},
	}
}
