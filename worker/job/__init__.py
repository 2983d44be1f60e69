"""The steps of one job."""
