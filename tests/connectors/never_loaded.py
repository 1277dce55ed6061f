"""Whoever loads it waits until nobody is left who could be waiting for the end of it."""

import sys
import time

if "connectors.workshop.foreman" in getattr(sys.modules["__main__"].__spec__, "name", ""):
    while True:
        time.sleep(1)
