"""What every request leaves behind: `log` names it, `visit` is what is known of it, `book` writes the door's log,
`watch` ends answers whose key has ended.
"""
