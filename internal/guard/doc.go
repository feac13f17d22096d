// Package guard holds the tests that keep the house in order: what a package may import and call, that every exported
// name is documented, that no file outgrows its concern, and that a direct dependency has a reason.
package guard
