"""Who works for us: certificates → vendor (its promises) → directories (who is responsible) → jobs (at work) →
promises (their clocks)."""
