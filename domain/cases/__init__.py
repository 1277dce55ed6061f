"""What all cases have alike: case (progress that every case keeps) → events → *_commands (what may be told each) →
instructions (a command with who gave it and when) → decisions (how it is weighed) → wave_briefs.
"""
