// Package azurekeyvault is left empty: this build of pulumi takes no keys from azurekeyvault:// addresses.
package azurekeyvault
