"""Where the rows of tables come from: which can be made anew from histories, and which are in backups only."""

# What workflows have had written. Columns that no history holds: docs/operations.md.
FROM_HISTORY = frozenset(
    {"orders", "incidents", "pages", "launches", "waves", "workplaces", "journal", "assets", "asset_life", "ledger"}
)
# Changes of these are in histories, what they began with is not; attempts tell that, not how, somebody was told.
PARTLY = frozenset({"alert_groups", "notice_attempts"})
# What is made anew from those (db/rebuilding.py).
FOLLOWING = frozenset({"awaited", "search_words"})
# What people and other systems have entered.
BACKUP_ONLY = frozenset(
    {
        "alert_rules",
        "alert_spells",
        "alerts",
        "api_keys",
        "calendar_feeds",
        "channels",
        "column_mappings",
        "contracts",
        "customers",
        "directories",
        "door",
        "imports",
        "list_words",
        "maintenance_windows",
        "move_lists",
        "move_plans",
        "move_rows",
        "paper_contents",
        "papers",
        "papers_handed_in",
        "people",
        "projects",
        "rehearsals",
        "rotas",
        "shared_secrets",
        "sites",
        "vendors",
    }
)
# What is of the moment only.
PASSING = frozenset({"incident_relations", "rounds", "sessions"})
