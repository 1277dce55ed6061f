"""Who is called and until when: rotations → rota → rota_versions → rota_checks; page → calls (when whom) → answers →
links.
"""
