"""The command `crowdsky`: one module per subcommand."""
