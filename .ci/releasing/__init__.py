"""How this project is released: for its maintainers, and no part of what users run. `.ci/release` starts it, docs/releasing.md tells of it."""
