"""/alerts, /alert-rules, /maintenance: alert (taken in) → rules → maintenance."""
