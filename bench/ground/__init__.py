"""What benches stand on: servers, bare workflows beside ours, callers, tables of figures."""
