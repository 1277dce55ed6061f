"""What a contract costs: from its terms and what happened to invoices, by one pure function, `rating.rate`.

Read `agreement`, `tariffs`, `facts` (what is agreed, what happened), `checks` (what is refused), `periods`, `prices`
(which price counts), `rounding`, `fees`, `work`, `quotas`, `charges`, `limits` (what becomes lines), `vat`, `invoices`,
`credits`.
"""
