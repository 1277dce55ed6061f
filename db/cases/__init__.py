"""What all kinds of case write: case (the columns they share) → journal → notices."""
