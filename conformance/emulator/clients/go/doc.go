// Package clients runs the real Go clients of the API against a running `axbench emulate`, with their own parsing as the judge. It
// holds tests only and is a module of its own, so that the product does not depend on what those clients need.
package clients
