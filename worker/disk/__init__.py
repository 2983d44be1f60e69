"""What a worker keeps on its disk: scratch folders, and completions to be delivered."""
