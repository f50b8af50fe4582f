"""What is known of a registry as one page: rows that say of each entry what was found, what is wrong, and what nobody looked at."""
