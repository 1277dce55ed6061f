"""What stands before every route: who comes, how much they bring, how fast, and what is written down of it."""
