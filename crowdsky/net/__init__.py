"""One HTTP call: the connection, what an answer means, what is tried again, how to cut it off."""
