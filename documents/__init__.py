"""What people read: wording (codes as sentences, de and en), notices, sheets as PDF and workbook; templates/,
wordings/.
"""
