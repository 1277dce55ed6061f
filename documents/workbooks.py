"""Workbooks to go on working with. Their writer is loaded by the first one: it takes as long as a tenth of the API."""

from collections.abc import Iterable, Sequence
from importlib import import_module

from domain.moves.lists.staging import StagedList, StagedRow
from domain.moves.lists.templates import TemplateRow
from domain.moves.reports.report import ProjectReport
from domain.people import Language
from domain.places import Place


def annotated(of: StagedList, rows: Iterable[StagedRow], language: Language) -> bytes:
    written: bytes = import_module("documents.move_lists").annotated(of, rows, language)
    return written


def template_workbook(rows: Sequence[TemplateRow], places: Iterable[Place], language: Language) -> bytes:
    written: bytes = import_module("documents.move_templates").template_workbook(rows, places, language)
    return written


def report_workbook(report: ProjectReport, language: Language) -> bytes:
    written: bytes = import_module("documents.project_workbooks").report_workbook(report, language)
    return written
