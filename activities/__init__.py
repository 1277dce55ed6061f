"""One side effect each, safe to repeat; records writes what a case has decided."""
