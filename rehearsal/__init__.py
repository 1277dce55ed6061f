"""The real workflows in one process and virtual time: engine → executions → virtual_time; stand_ins act for people
and systems; lives and trials look for cases that get stuck. runs has many of them here, jobs one in a process of its
own.
"""
