"""Settings of the tasks beside entities: what makes no sense is refused and named."""

import pytest

from spacy_gliner_mt.settings import OPEN_LABELS, Settings


@pytest.mark.parametrize("name", ["relations", "questions", "classes", "prompts"])
@pytest.mark.parametrize("value", ["one", "", None, 5])
def test_names_must_be_a_collection(name, value):
    with pytest.raises(ValueError, match=f"GM001.*'{name}'") as error:
        Settings(**{name: value})
    assert repr(value) in str(error.value)


@pytest.mark.parametrize("name", ["relations", "questions", "classes"])
@pytest.mark.parametrize("value", ["", " \n", None, 3])
def test_empty_names_are_refused(name, value):
    with pytest.raises(ValueError, match=f"GM002.*'{name}'") as error:
        Settings(**{name: ["fine", value]})
    assert f"holds {value!r}" in str(error.value)


@pytest.mark.parametrize("prompts", [{"": "Find verbs"}, {"verbs": ""}, {"verbs": " \n"}])
def test_empty_prompts_are_refused(prompts):
    with pytest.raises(ValueError, match="GM002.*'prompts'"):
        Settings(prompts=prompts)


@pytest.mark.parametrize("name", ["relations", "questions", "classes"])
def test_repeated_names_are_refused(name):
    with pytest.raises(ValueError, match=rf"GM003.*'{name}' holds \['x'\]"):
        Settings(**{name: ["x", "y", "x"]})


@pytest.mark.parametrize("name", ["a: b", "a=b", "# a", "; a", "[a", "@a", "a\nb", " a", "a "])
@pytest.mark.parametrize("setting, value", [("prompts", "Find verbs"), ("relations", [])])
def test_names_that_a_config_cannot_hold_are_refused(setting, value, name):
    with pytest.raises(ValueError, match=f"GM013.*'{setting}'") as error:
        Settings(**{setting: {name: value}})
    assert repr(name) in str(error.value)


def test_a_list_may_hold_what_a_key_of_a_config_may_not():
    assert Settings(questions=["# Who: a=b?"], relations=["a: b"], classes=["@a"])


@pytest.mark.parametrize("name", ["entities", "answers", "summary", "clean"])
def test_prompts_must_not_take_the_groups_of_other_tasks(name):
    with pytest.raises(ValueError, match=rf"GM050.*\['{name}'\]"):
        Settings(prompts={"verbs": "Find verbs", name: "Find more"})


def test_prompts_must_not_take_the_group_of_the_entities():
    assert Settings(prompts={"entities": "Find more"}, spans_key="sc")
    with pytest.raises(ValueError, match=r"GM050.*\['sc'\]"):
        Settings(prompts={"sc": "Find more"}, spans_key="sc")


@pytest.mark.parametrize("spans_key", ["answers", "summary", "clean"])
def test_entities_must_not_take_the_group_of_another_task(spans_key):
    with pytest.raises(ValueError, match=f"'{spans_key}'"):
        Settings(labels=["person"], spans_key=spans_key)


def test_relations_must_pair_known_labels():
    with pytest.raises(ValueError, match=r"GM051.*\['planet', 'ship'\].*\['person', 'city'\]"):
        Settings(labels=["person", "city"], relations={"left": [["person", "planet"], ["ship", "city"]]})


def test_relations_pair_labels_not_their_descriptions():
    labels = {"PER": "person"}
    assert Settings(labels=labels, relations={"knows": [["PER", "PER"]]})
    with pytest.raises(ValueError, match=r"GM051.*\['person'\]"):
        Settings(labels=labels, relations={"knows": [["person", "person"]]})


def test_relations_may_pair_the_open_labels():
    pairs = [[OPEN_LABELS[0], "ship"]]
    assert Settings(labels=["ship"], open_entities=True, relations={"sails": pairs})
    with pytest.raises(ValueError, match="GM051"):
        Settings(labels=["ship"], relations={"sails": pairs})


@pytest.mark.parametrize("settings", [{"relation_heads": "ents", "labels": ["person"]}, {"labels": []}])
def test_labels_that_others_bring_are_not_checked(settings):
    """An earlier component has labels of its own; those of a Doc or of `initialize` come later."""
    assert Settings(relations={"left": [["PER", "GPE"]]}, **settings)


@pytest.mark.parametrize(
    "relations",
    [
        {"left": ["person", "city"]},
        {"left": [["person"]]},
        {"left": [["person", "city", "city"]]},
        {"left": "person"},
        {"left": None},
        {"left": [[1, 2]]},
    ],
)
@pytest.mark.parametrize("heads", ["own", "ents"])
def test_relations_must_be_allowed_for_pairs(relations, heads):
    with pytest.raises(ValueError, match="relations") as error:
        Settings(labels=["person", "city"], relations=relations, relation_heads=heads)
    assert repr(relations["left"]) in str(error.value)


@pytest.mark.parametrize(
    "name, value",
    [
        ("prompts", ["Find verbs"]),
        ("prompts", {"verbs": 3}),
        ("questions", {"Who?": "Ada"}),
        ("classes", {"art": "all of the arts"}),
        ("tasks", ["dates"]),
        ("tasks", {"dates": None}),
        ("summary_limit", 3),
        ("summary_limit", {"words": "many"}),
        ("summarize", "no"),
        ("clean", None),
        ("open_entities", "no"),
        ("relation_heads", None),
        ("templates", {"question": "{question}"}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(name, value):
    """A Doc's own settings pass no config validation, so nothing else would notice."""
    with pytest.raises(ValueError, match=name):
        Settings().for_doc({name: value})


@pytest.mark.parametrize(
    "name, options",
    [
        ("relation_heads", ["own", "ents"]),
        ("relation_tails", ["free", "overlap", "exact"]),
        ("templates", ["paper", "card", "gliner"]),
    ],
)
def test_every_documented_option_is_taken_and_no_other(name, options):
    assert [getattr(Settings(**{name: option}), name) for option in options] == options
    with pytest.raises(ValueError, match=f"GM007.*'{name}' is 'other'") as error:
        Settings(**{name: "other"})
    assert str(options) in str(error.value)


def test_an_unknown_limit_of_the_summary_is_refused():
    with pytest.raises(ValueError, match="GM014.*'summary_limit'.*'pages'.*'sentences'.*'words'.*'share'"):
        Settings(summary_limit={"words": 50, "pages": 1})


@pytest.mark.parametrize("limit", [{"words": -1}, {"sentences": -2}, {"share": 1.5}, {"share": -0.1}])
def test_a_limit_of_the_summary_that_makes_no_sense_is_refused(limit):
    with pytest.raises(ValueError, match="summary_limit") as error:
        Settings(summary_limit=limit)
    assert str(*limit.values()) in str(error.value)


@pytest.mark.parametrize(
    "name",
    ["relation_threshold", "answer_threshold", "summary_threshold", "prompt_threshold", "class_threshold"],
)
@pytest.mark.parametrize("value", [-0.1, 1.1, "0.5", True])
def test_a_threshold_that_is_no_probability_is_refused(name, value):
    with pytest.raises(ValueError, match=f"GM00[47].*'{name}'") as error:
        Settings(**{name: value})
    assert repr(value) in str(error.value)


@pytest.mark.parametrize("value", [-1, 1.5, "3"])
def test_the_distance_must_be_a_whole_number(value):
    with pytest.raises(ValueError, match="GM00[78].*'relation_distance'") as error:
        Settings(relation_distance=value)
    assert f"is {value!r}," in str(error.value)


@pytest.mark.parametrize("value", [None, 0, 7])
def test_there_may_be_no_distance(value):
    assert Settings(relation_distance=value).relation_distance == value


def test_relations_and_prompts_may_have_thresholds():
    settings = Settings(
        labels=["person"],
        relations=["left"],
        prompts={"verbs": "Find verbs"},
        thresholds={"person": 0.125, "left": 0.25, "verbs": 0.75},
    )
    assert settings.thresholds_of(["verbs", "other", "left"], 0.5).tolist() == [0.75, 0.5, 0.25]


def test_thresholds_of_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"GM005.*\['knows'\].*\['left', 'person', 'verbs'\]"):
        Settings(
            labels=["person"], relations=["left"], prompts={"verbs": "Find verbs"}, thresholds={"knows": 0.5}
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"labels": ["person"]},
        {"open_entities": True},
        {"relations": ["left"]},
        {"questions": ["Who?"]},
        {"summarize": True},
        {"prompts": {"verbs": "Find verbs"}},
        {"clean": True},
        {"classes": ["art"]},
        {"tasks": {"dates": {}}},
    ],
)
def test_each_task_is_something_to_look_for(settings):
    assert Settings().asks_nothing
    assert not Settings(**settings).asks_nothing


def test_the_own_labels_stand_beside_the_open_ones():
    labels = {"ship": "vessel", OPEN_LABELS[0]: "somebody"}
    prompts = Settings(labels=labels, open_entities=True).label_prompts
    assert prompts == {**{name: name for name in OPEN_LABELS}, **labels}


def test_a_description_must_not_be_that_of_an_open_label():
    """The model would be asked twice for the same."""
    prompts = Settings(labels={"firm": "organization"}, open_entities=True).label_prompts
    assert len(set(prompts.values())) == len(prompts)


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"questions": [""]}, "GM002"),
        ({"prompts": {"answers": "x"}}, "GM050"),
        ({"labels": ["city"]}, "GM051"),
        ({"relation_tails": "all"}, "GM007"),
        ({"question": ["Who?"]}, "GM009"),
    ],
)
def test_the_settings_of_a_doc_are_checked_too(changes, code):
    settings = Settings(labels=["person"], relations={"knows": [["person", "person"]]})
    with pytest.raises(ValueError, match=code):
        settings.for_doc(changes)
