"""Task options: settings from what was typed, and what is no pair of name and value."""

from typing import Annotated

import pytest
from typer import Option, Typer
from typer.testing import CliRunner

from spacy_gliner_mt.cli.task_options import read_settings, with_task_options


@pytest.fixture
def typed():
    """The settings that arguments stand for, on their way through a command."""
    seen = []
    app = Typer()

    @app.command()
    @with_task_options
    def command(settings, name: str, loud: Annotated[bool, Option("--loud")] = False):
        """Do nothing."""
        seen.append((settings, name, loud))

    def run(*arguments):
        result = CliRunner().invoke(app, ["here", *arguments])
        assert result.exit_code == 0, result.output
        settings, name, loud = seen.pop()
        assert (name, loud) == ("here", "--loud" in arguments)
        return settings

    return run


def test_what_is_not_given_is_no_setting(typed):
    assert typed() == typed("--loud") == {}


def test_each_option_is_a_setting(typed):
    assert typed("--labels", "person, city,,") == {"labels": ["person", "city"]}
    assert typed("--open-entities", "--summarize", "--clean") == {
        "open_entities": True,
        "summarize": True,
        "clean": True,
    }
    assert typed("--relations", "founder of,works for", "--classes", "news") == {
        "relations": ["founder of", "works for"],
        "classes": ["news"],
    }
    assert typed("-q", "Who, and why?", "-q", "When?") == {"questions": ["Who, and why?", "When?"]}
    assert typed("-p", "sums = a = b", "-p", "names=Find names") == {
        "prompts": {"sums": "a = b", "names": "Find names"}
    }
    assert typed("--threshold", "0") == {"threshold": 0.0}


@pytest.mark.parametrize(
    "text, setting",
    [
        ("answer_threshold=0.2", {"answer_threshold": 0.2}),
        ("nested=true", {"nested": True}),
        ("relation_distance=null", {"relation_distance": None}),
        ("relation_heads=ents", {"relation_heads": "ents"}),
        ('labels={"who": "a person = human"}', {"labels": {"who": "a person = human"}}),
    ],
)
def test_other_settings_are_json_or_text(typed, text, setting):
    assert typed("--set", text) == setting


def test_an_option_of_its_own_wins(typed):
    assert typed("--set", "threshold=0.1", "--threshold", "0.2") == {"threshold": 0.2}


@pytest.mark.parametrize("text", ["", "names", "names=", "=Find names", " = ", "names:Find names"])
@pytest.mark.parametrize("name, option", [("prompts", "--prompt"), ("others", "--set")])
def test_no_pair_is_refused(name, option, text):
    with pytest.raises(ValueError, match="GM111") as raised:
        read_settings({name: ["good=x", text]})
    assert option in str(raised.value) and repr(text) in str(raised.value)


def test_a_repeated_name_is_refused():
    with pytest.raises(ValueError, match=r"GM003.*'--prompt' holds \['a'\]"):
        read_settings({"prompts": ["a=one", "b=two", "a=three"]})
