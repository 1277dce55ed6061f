"""What of the work on an order is put on paper: time_sheets has who worked when, acceptances what was taken over."""
