// Package terraform has the tests of docs/terraform, which take terraform itself:
// make terraform.
package terraform
