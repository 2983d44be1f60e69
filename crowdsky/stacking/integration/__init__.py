"""Combines registered subs into planes."""
