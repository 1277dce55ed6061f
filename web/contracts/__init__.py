"""/contracts: promises (what a version says, as its page shows it) → versions (the list, and one of them), costs."""
