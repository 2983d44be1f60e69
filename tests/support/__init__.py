"""What several test folders need: servers of their own, waiting, real frames."""
