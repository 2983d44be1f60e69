"""The archive's clients: `Client` for its data, and `ingest`, which sends subs from a disk."""
