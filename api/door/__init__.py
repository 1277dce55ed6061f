"""What every request leaves behind: `log` names it, `visit` is what is known of it, `book` writes the log of the door
in batches, `watch` ends answers whose key has ended. `paces` counts who comes how often, `strangers` who guesses.
"""
