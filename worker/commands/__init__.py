"""Commands of ``python -m worker`` beside working on jobs."""
