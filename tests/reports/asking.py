"""A report's freshness and its sheet, asked for as files ask for them."""

from auditing.access import Person, acting_as
from auditing.reports import CreditReport, Freshness, TimingReport
from auditing.reports.freshness import freshness
from auditing.reports.sheets import Sheet, credit_sheet, timing_sheet


def fresh(person: Person, report: CreditReport | TimingReport) -> Freshness:
    cell = report.cell if isinstance(report, TimingReport) else report.total.cell
    with acting_as(person):
        return freshness(person, report.asked, cell, report.zone)


def sheet_of_credits(person: Person, report: CreditReport, asked_by: str) -> Sheet:
    return credit_sheet(report, fresh(person, report), asked_by)


def sheet_of_times(person: Person, report: TimingReport, asked_by: str) -> Sheet:
    return timing_sheet(report, fresh(person, report), asked_by)
