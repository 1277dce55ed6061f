"""Whether promises can be kept: checks (all together) of matrix_checks, ladder_checks, paging_checks; what_ifs and
other_versions work running promises out again under other rules.
"""
