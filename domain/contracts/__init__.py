"""What was agreed with a customer.

To be read: customers → prices → chains → tailoring → catalogue → paging → matrix → contract → offers (what items come
to) → matrix_sheets, manuals (matrix and manual on paper).
"""
