"""vendor (people and underpinning contracts) and directories (who is responsible for what)."""
