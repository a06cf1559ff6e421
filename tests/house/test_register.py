"""The register of personal data is whole: no field is missing, none is gone, and nothing in it is empty."""

import re

import pytest

from metengage import purposes, register, retention, rights
from metengage.models import TABLES, Delivery, Resident
from metengage.register import BLANK, DELETE, HIDDEN, UNLINK, Record
from tests import cast

RECORDS = [(table, name, each) for table, entry in register.ABOUT.items() for name, each in entry.records.items()]


def test_every_field_of_every_table_is_in_it():
    missing = {table.__name__: set(table._meta.fields) ^ set(register.FIELDS.get(table, ())) for table in TABLES}
    assert {table: fields for table, fields in missing.items() if fields} == {}


def test_it_names_no_table_that_is_gone():
    assert set(register.FIELDS) == set(TABLES)


def test_what_holds_nothing_of_a_resident_says_why():
    reasons = [each for fields in register.FIELDS.values() for each in fields.values() if not isinstance(each, Record)]
    assert {each for each in reasons if not re.search("[a-z]+", each)} == set()


def test_what_leads_to_a_resident_is_in_a_table_that_erasing_walks():
    leading = {table for table in TABLES for key in table._meta.model_refs.get(Resident, ())}
    assert leading <= set(register.ABOUT)


@pytest.mark.parametrize("record", RECORDS, ids=lambda each: f"{each[0].__name__}.{each[1]}")
def test_a_record_says_what_why_on_what_basis_for_how_long_and_what_erasing_does(record):
    _, _, each = record
    sentences = [each.group.purpose, each.group.basis, *(term.words for term in each.group.kept)]
    assert all(re.fullmatch(r"[A-Z].*\.", words) for words in sentences)
    assert each.label
    assert each.erase in (register.BLANK, UNLINK, DELETE) or re.fullmatch("[A-Z].*[.]", each.erase)
    assert each.shown in ("", *register.SHOWN)


def test_a_row_that_is_deleted_is_deleted_whole():
    fates = {
        entry.title: {each.erase == DELETE for each in entry.records.values()} for entry in register.ABOUT.values()
    }
    assert [title for title, fate in fates.items() if len(fate) > 1] == []


def test_what_is_blanked_can_be_blank():
    fields = [table._meta.fields[name] for table, name, each in RECORDS if each.erase in (BLANK, UNLINK)]
    assert [field.name for field in fields if not field.null and field.default is None] == []


def test_every_group_and_term_is_told():
    assert {each.group for _, _, each in RECORDS} == set(purposes.GROUPS)
    terms = {each for each in vars(retention).values() if isinstance(each, retention.Term)}
    assert {term for group in purposes.GROUPS for term in group.kept} == terms


def test_the_words_of_a_term_hold_its_time():
    terms = [each for each in vars(retention).values() if isinstance(each, retention.Term)]
    assert retention.LEFT.words == "Until 28 days after you leave."
    assert retention.COMPLAINTS.words == "Until 3 years after we answered."
    assert all(re.search(r"\d", term.words) for term in terms if term.time)


def test_the_privacy_notice_says_all_of_it(visitor):
    text = visitor.visit("/privacy").text
    for group in purposes.GROUPS:
        for words in (group.what, group.purpose, group.basis, *(term.words for term in group.kept)):
            assert words in text


def test_the_copy_has_every_field_of_it(app):
    shown = {(table._meta.table_name, name) for table, name, each in RECORDS if each.shown != HIDDEN}
    sections = rights.everything(cast.resident("Amara"))
    assert {(section.name, name) for section in sections for name, _ in section.columns} == shown


def test_every_kind_of_email_has_words():
    (allowed,) = [each.sql for each in Delivery._meta.constraints if "kind IN" in each.sql]
    assert set(re.findall("'([a-z-]+)'", allowed)) - set(Delivery.TO_OFFICERS) == set(rights.KINDS)
