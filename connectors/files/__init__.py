"""Files that strangers hand in, read cell by cell and never beyond a limit.

limits → markup → packages, styles → numbers, texts → sheets → workbooks; parcels carry what was read.
`connectors/spreadsheets.py` is the way in. All of it runs in the workshop.
"""
