"""What there is, whatever happens to it: devices, people, vendors with their certificates, waste, keys.

overview leads to each of the others; a reader sees those that the policy lets them read.
"""
