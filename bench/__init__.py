"""Benchmarks: every figure that README or docs claim is measured here, against the peers."""
