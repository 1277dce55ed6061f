"""The real workflows in one process and virtual time: engine → executions → virtual_time; stand_ins act for people
and systems; lives and trials look for cases that get stuck.
"""
