"""Real neighbours for tests: git hosts, upstream repositories."""
