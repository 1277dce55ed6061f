"""`imac sla`: sla asks, pictures draws a clock's life."""
