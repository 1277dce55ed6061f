"""What many read alike and is made once: registers (the names that a reader may see), written (a page as it goes out).
Both know nothing of templates."""
