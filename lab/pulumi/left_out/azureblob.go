// Package azureblob is left empty: this build of pulumi keeps no state at azblob:// addresses.
package azureblob
