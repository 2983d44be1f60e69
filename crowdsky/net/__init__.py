"""One HTTP call: the connection, what an answer means, what is repeated, how to cut it off."""
