"""/incidents: incident (report, read) → commands (tell one something) → orders (place the order one needs)."""
