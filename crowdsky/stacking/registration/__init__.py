"""Where the stars of each sub are, how good it is, and how it lies on the stack."""
