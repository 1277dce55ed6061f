"""`imac up`: up → supervisor → programs → temporal_server → ports.

How each program begins: loading → arrival → ground, shared_secrets; migrating.
"""
