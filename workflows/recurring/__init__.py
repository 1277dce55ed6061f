"""What begins by the clock and not by anybody's asking: schedules lists it, and each file is one such procedure."""
