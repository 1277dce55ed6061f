"""What is made once for many: registers (the names that a reader may see), written (a page as it goes out), answers
(to a form that is sent twice). They know nothing of templates."""
