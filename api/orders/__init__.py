"""POST and GET /orders: order (place, read) → commands (tell one something)."""
