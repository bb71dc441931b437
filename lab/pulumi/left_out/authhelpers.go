// Package authhelpers is what is left of signing in to Google's cloud: it fails and says why.
package authhelpers

import (
	"context"
	"errors"

	"gocloud.dev/blob"
	"golang.org/x/oauth2/google"
)

var errLeftOut = errors.New("Google's cloud is left out of this build of pulumi; with a pulumi of your own on PATH, omi uses that one")

// ResolveGoogleCredentials fails.
func ResolveGoogleCredentials(context.Context, string) (*google.Credentials, error) {
	return nil, errLeftOut
}

// GoogleCredentialsMux fails.
func GoogleCredentialsMux(context.Context) (*blob.URLMux, error) {
	return nil, errLeftOut
}
