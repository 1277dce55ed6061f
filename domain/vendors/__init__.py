"""Who repairs for us: vendor (its promises) → directories (who is responsible for what) → jobs (a vendor at work)."""
