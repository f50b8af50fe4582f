"""The policy proxy of the review sandbox: the only way from a reviewer to its provider."""
