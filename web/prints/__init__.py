"""What is printed from pages: doors, a sheet for each room of a move; labels of assets; papers of orders."""
