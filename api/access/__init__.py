"""Who may come in: keys, the links by which people take theirs, and the log of the door for those who answer for it."""
