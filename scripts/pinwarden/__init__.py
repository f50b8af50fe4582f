"""Pinwarden's library: a pure core named by the domain, and `adapters/` that touch the world."""
