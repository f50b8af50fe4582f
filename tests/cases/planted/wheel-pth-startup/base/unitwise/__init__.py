"""Units of measurement."""
