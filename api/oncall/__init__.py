"""/rotas, /pages and signed links: rota → page → links."""
