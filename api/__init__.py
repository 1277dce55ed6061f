"""The HTTP edge. app puts it together; dependencies, policy, intake and problems serve every route; a room per
subject.

A route parses, asks and answers: it reads through db/ and reaches work only through workflows/client.
"""
