"""What of a page the customer of its incident may see: nothing."""

from domain.cases.audiences import OURS, SHOWN, audiences
from domain.cases.page_commands import Acknowledge, Decline
from domain.oncall.page import PageHappening

PAGE_AUDIENCES = audiences(shown=(), ours=(*SHOWN, *OURS, *PageHappening, Acknowledge, Decline))
