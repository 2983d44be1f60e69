"""What every program stands on: errors, settings, JSON fields, logs, terminal, memory."""
