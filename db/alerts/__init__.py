"""From what monitoring posted to what is asked: intake → alert (its row) → groups; rules and maintenance beside."""
