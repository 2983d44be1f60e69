"""Finds light frames on a disk and sends those that the site does not have: `crowdsky ingest`."""
