"""On call: now shows who it is, in strips; answers takes over what rings; changes enters stand-ins and swaps."""
