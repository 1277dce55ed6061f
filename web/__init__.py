"""Pages for people, served by the API's process: site puts it together, session says who reads, rendering how.

One file per noun (orders, me, …); forms are made from the commands' own types, and a page does what a route does.
"""
