"""What a command does to an order, or why it is refused: decide asks the rule of the command; one file per part of
the chain's life (approvals, appointments, work, proofs, verification, acceptance) and course for the order as a
whole.
"""
