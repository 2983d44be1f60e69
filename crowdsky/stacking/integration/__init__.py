"""From registered subs to combined planes."""
