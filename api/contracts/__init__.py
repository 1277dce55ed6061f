"""/contracts: contract (versions, chains) → matrix → checks (what keeps one from being saved), costs."""
