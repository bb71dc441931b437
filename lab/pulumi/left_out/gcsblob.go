// Package gcsblob is what is left of the driver for gs:// addresses: their scheme, by which pulumi knows them.
package gcsblob

// Scheme is that of an address of a bucket in Google's cloud.
const Scheme = "gs"
