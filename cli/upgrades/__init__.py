"""A new version beside the one that runs: check (can cases go on with it), standing (which versions there are),
letting_in (it gets them, all or some), going_back (it gets them no more)."""
