"""Templates and snippets are whole, and are refused until their blanks are filled."""

import re

import pytest

from metengage import checks, patterns
from metengage.checks import REFUSES, WANTS_REASON, Words
from metengage.choices import ALERT_TYPES, THEMES

TEMPLATES = list(patterns.templates().values())


def filled(text: str) -> str:
    """The same with something ordinary in each blank."""
    return re.sub(r"\{[^}]*\}", "the market", text)


def severe(title: str, body: str, alert_type: str) -> set[str]:
    found = checks.findings(Words(title, body, alert_type))
    return {each.check.name for each in found if each.check.severity in (REFUSES, WANTS_REASON)}


def test_there_is_one_for_every_type():
    assert {each.alert_type for each in TEMPLATES} == set(ALERT_TYPES)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.slug)
def test_a_template_names_a_type_a_theme_that_there_is_and_itself(template):
    assert template.theme is None or template.theme in THEMES
    assert all((template.name, template.title, template.body))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.slug)
def test_its_blanks_must_be_filled(template):
    assert "unfilled-gap" in severe(template.title, template.body, template.alert_type)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.slug)
def test_filled_in_nothing_in_it_is_refused_or_wants_a_reason(template):
    assert severe(filled(template.title), filled(template.body), template.alert_type) == set()


@pytest.mark.parametrize("snippet", patterns.snippets().values(), ids=lambda each: each.slug)
def test_a_snippet_is_fine_in_an_alert(snippet):
    body = f"Two bikes were taken on Friday 20 November.\n\n{filled(snippet.text)}"
    assert severe("Bikes stolen in St Helier", body, "advice") == set()
