"""What was agreed with a customer.

To be read: customers → prices → chains → tailoring → paging → matrix → contract → matrix_sheets (the matrix on
paper).
"""
