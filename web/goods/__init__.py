"""Goods that an order sends away: proven erased, declared as waste, handed over, and found again on a recycler's list.

shown (what stands on the order's page), declaring (as what they leave). Files come by `floor/proofs`.
"""
