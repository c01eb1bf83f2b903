"""All tasks in one component: for one Doc or many, in one process or two, and stored."""

import warnings

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from ..util import write_checkpoint

TEXTS = [
    "Ada Lovelace met Charles Babbage in London.",
    "",
    "They built engines there. Mary Somerville had introduced them to each other.",
    " \n",
    "Nobody.",
]
# With these, every task finds something in the first text, random as the weights are.
THRESHOLDS = {
    f"{task}threshold": 0.4 for task in ("", "relation_", "answer_", "summary_", "prompt_", "class_")
}
SETTINGS = {
    **THRESHOLDS,
    "labels": ["person", "city"],
    "relations": ["knows"],
    "questions": ["Who met Babbage?", "Where?"],
    "summarize": True,
    "prompts": {"verbs": "Find all verbs:"},
    "clean": True,
    "classes": ["history", "sports"],
}
GROUPS = ["entities", "answers", "summary", "verbs", "clean"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A tiny checkpoint without a limit of subtokens."""
    return write_checkpoint(tmp_path_factory.mktemp("tasks") / "checkpoint", "deberta-v2")


@pytest.fixture(scope="module")
def make_nlp(weights):
    def make(checkpoint=weights, **settings):
        nlp = spacy.blank("en")
        model = {"@architectures": "spacy-gliner-mt.GlinerMultitask.v1", "checkpoint": str(checkpoint)}
        nlp.add_pipe("gliner_multitask", config={"model": model, **settings})
        return nlp

    return make


@pytest.fixture(scope="module")
def nlp(make_nlp):
    return make_nlp(**SETTINGS)


@pytest.fixture(scope="module")
def doc(nlp):
    return nlp(TEXTS[0])


def read(doc):
    """Everything that the tasks wrote to a Doc."""
    return {
        "ents": [(ent.start, ent.end, ent.label_, ent._.score) for ent in doc.ents],
        "spans": {key: read_group(group) for key, group in doc.spans.items()},
        "relations": list(doc._.relation_data or ()),
        "cats": doc.cats,
        "clean_text": doc._.clean_text,
        "report": doc._.gliner_report,
    }


def read_group(group):
    scores = map(float, group.attrs["scores"])
    return [
        (span.start, span.end, span.label_, span.id_, score)
        for span, score in zip(group, scores, strict=True)
    ]


def assert_same(left, right):
    """The same but for scores, which depend a little on the batch."""
    if isinstance(left, float):
        assert left == pytest.approx(right, abs=1e-5)
    elif isinstance(left, dict):
        assert_same(list(left.items()), list(right.items()))
    elif isinstance(left, (list, tuple)):
        assert len(left) == len(right)
        for pair in zip(left, right, strict=True):
            assert_same(*pair)
    else:
        assert left == right


def ask_each(nlp, *settings):
    """Docs of the first text, each with settings of its own."""
    docs = [nlp.make_doc(TEXTS[0]) for _ in settings]
    for doc, own in zip(docs, settings, strict=True):
        doc._.gliner = own
    return docs


def test_every_task_finds_something(doc):
    assert [key for key, group in doc.spans.items() if len(group)] == GROUPS
    assert {span.id_ for span in doc.spans["answers"]} == set(SETTINGS["questions"])
    assert doc.ents and doc._.relations and doc._.clean_text
    assert list(doc.cats) == SETTINGS["classes"] and any(doc.cats.values())
    assert doc._.gliner_report.skipped_queries == 0


@pytest.mark.parametrize(
    "name, key",
    [
        ("labels", "entities"),
        ("questions", "answers"),
        ("summarize", "summary"),
        ("prompts", "verbs"),
        ("clean", "clean"),
    ],
)
def test_a_task_finds_the_same_alone(doc, make_nlp, name, key):
    """Queries of several tasks share batches, but nothing else."""
    alone = make_nlp(**THRESHOLDS, **{name: SETTINGS[name]})(TEXTS[0])
    assert_same(read(alone)["spans"], {key: read(doc)["spans"][key]})


def test_every_span_has_the_score_of_its_group(doc):
    for key in GROUPS:
        group = doc.spans[key]
        assert [span._.score for span in group] == list(group.attrs["scores"]), key


def test_no_warnings_where_all_is_well(nlp):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp(TEXTS[0])


def test_other_groups_and_classes_are_left_alone(nlp):
    doc = nlp.make_doc(TEXTS[0])
    doc.spans["sc"] = [Span(doc, 0, 1, "x")]
    doc.cats["long"] = 0.25
    doc = nlp(doc)
    assert ([span.label_ for span in doc.spans["sc"]], doc.cats["long"]) == (["x"], 0.25)


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_text_without_words_has_empty_results(nlp, text):
    found = read(nlp(text))
    assert found["spans"] == dict.fromkeys(GROUPS, [])
    assert (found["ents"], found["relations"], found["clean_text"]) == ([], [], "")
    assert found["cats"] == dict.fromkeys(SETTINGS["classes"], 0.0)


def test_a_stream_equals_one_after_the_other(nlp):
    streamed = nlp.pipe(TEXTS, batch_size=2)
    assert_same([read(nlp(text)) for text in TEXTS], [read(doc) for doc in streamed])


@pytest.mark.filterwarnings("ignore:This process")  # has threads and forks: from Python 3.12 on
def test_two_processes_equal_one(nlp):
    one, two = (nlp.pipe(TEXTS, batch_size=2, n_process=n_process) for n_process in (1, 2))
    assert_same([read(doc) for doc in one], [read(doc) for doc in two])


def test_docs_of_a_stream_may_ask_for_different_tasks(make_nlp, doc):
    everything = read(doc)
    nlp = make_nlp(**THRESHOLDS)
    docs = ask_each(
        nlp,
        {"questions": SETTINGS["questions"][1:]},
        {"summarize": True},
        {"labels": SETTINGS["labels"], "relations": SETTINGS["relations"]},
        {"classes": SETTINGS["classes"]},
        {"prompts": SETTINGS["prompts"], "clean": True},
    )
    answered, summarized, related, classified, extracted = map(read, nlp.pipe(docs))
    answers = [span for span in everything["spans"]["answers"] if span[3] == "Where?"]
    assert_same(answered["spans"], {"answers": answers})
    assert_same(summarized["spans"], {"summary": everything["spans"]["summary"]})
    assert_same(related["relations"], everything["relations"])
    assert_same(classified["cats"], everything["cats"])
    assert_same(extracted["spans"], {key: everything["spans"][key] for key in ("verbs", "clean")})
    assert [bool(doc.cats) for doc in docs] == [False, False, False, True, False]
    assert [doc._.relation_data is None for doc in docs] == [True, True, False, True, True]


def test_each_doc_may_have_a_question_of_its_own(make_nlp):
    nlp = make_nlp(**THRESHOLDS, questions=["Who?"])
    docs = ask_each(nlp, None, {"questions": ["Where?"]}, {"questions": ["Who met Babbage?", "When?"]})
    asked = [{span.id_ for span in doc.spans["answers"]} for doc in nlp.pipe(docs)]
    assert asked == [{"Who?"}, {"Where?"}, {"Who met Babbage?", "When?"}]


def test_a_doc_may_switch_tasks_off(nlp):
    (doc,) = nlp.pipe(ask_each(nlp, {"summarize": False, "questions": [], "relations": []}))
    assert (list(doc.spans), doc._.relation_data) == (["entities", "verbs", "clean"], None)


def by_bytes(doc, vocab):
    return Doc(vocab).from_bytes(doc.to_bytes())


def by_docbin(doc, vocab):
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (copy,) = DocBin().from_bytes(stored).get_docs(vocab)
    return copy


@pytest.mark.parametrize("store", [by_bytes, by_docbin])
def test_everything_outlives_storing(doc, store):
    copy = store(doc, spacy.blank("en").vocab)
    assert read(copy) == read(doc)
    assert {name: list(value) for name, value in copy.spans["answers"].attrs.items()} == {
        name: list(value) for name, value in doc.spans["answers"].attrs.items()
    }
    assert all(relation.head.doc is relation.tail.doc is copy for relation in copy._.relations)


def test_a_stored_doc_can_be_asked_again(doc, nlp):
    assert_same(read(nlp(by_bytes(doc, nlp.vocab))), read(doc))


def test_relations_outlive_json(doc, nlp):
    copy = Doc(nlp.vocab).from_json(doc.to_json(underscore=["relation_data"]))
    assert str(copy._.relations) == str(doc._.relations)


def test_the_entities_of_an_earlier_component_are_heads(make_nlp):
    nlp = make_nlp(relations=["knows"], relation_heads="ents", relation_threshold=0.3)
    names = ["Ada Lovelace", "Charles Babbage"]
    ruler = nlp.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "PER", "pattern": name} for name in names])
    doc = nlp(TEXTS[0])
    assert {(relation.head.text, relation.head.label_) for relation in doc._.relations} == {
        (name, "PER") for name in names
    }
    assert "entities" not in doc.spans


def test_relations_without_heads_are_skipped_and_other_tasks_run(nlp, doc):
    with pytest.warns(UserWarning, match="GM052"):
        (headless,) = nlp.pipe(ask_each(nlp, {"labels": []}))
    assert headless._.gliner_report.skipped_queries == 1
    assert headless._.relation_data is None
    assert_same(read(headless)["spans"], {key: read(doc)["spans"][key] for key in GROUPS[1:]})


def test_a_question_longer_than_the_words_allow_is_skipped(nlp, doc):
    """The tiny checkpoint reads 64 words at once, of which half are left to the text."""
    with pytest.warns(UserWarning, match="GM011.*has 40 words"):
        (asked,) = nlp.pipe(ask_each(nlp, {"questions": ["Who " * 40, *SETTINGS["questions"]]}))
    assert asked._.gliner_report.skipped_queries == 1
    assert_same(read(asked)["spans"], read(doc)["spans"])


def test_a_prompt_longer_than_the_words_allow_is_skipped(nlp, doc):
    prompts = {**SETTINGS["prompts"], "nouns": "Find " * 40}
    with pytest.warns(UserWarning, match="GM011.*has 40 words"):
        (asked,) = nlp.pipe(ask_each(nlp, {"prompts": prompts}))
    assert asked._.gliner_report.skipped_queries == 1
    found = read(asked)["spans"]
    assert found.pop("nouns") == []
    assert_same(found, read(doc)["spans"])


def test_classes_longer_than_the_words_allow_are_skipped(nlp, doc):
    with pytest.warns(UserWarning, match="GM011"):
        (asked,) = nlp.pipe(ask_each(nlp, {"classes": [f"class {number}" for number in range(20)]}))
    assert asked._.gliner_report.skipped_queries == 1
    assert_same(read(asked)["spans"], read(doc)["spans"])


def test_labels_that_are_too_long_are_skipped_and_other_tasks_run(make_nlp, checkpoint):
    """The tiny checkpoint with absolute positions reads 128 subtokens at once."""
    nlp = make_nlp(checkpoint, labels=["x" * 100], questions=["Who?"])
    with pytest.warns(UserWarning, match="GM010.*has 100 subtokens"):
        doc = nlp(TEXTS[0])
    assert (doc._.gliner_report.skipped_queries, list(doc.spans)) == (1, ["entities", "answers"])


def test_summary_sentences_need_sentences(make_nlp):
    nlp = make_nlp(**THRESHOLDS, labels=["person"], summarize=True, summary_sentences=True)
    with pytest.warns(UserWarning, match="GM056"):
        doc = nlp(TEXTS[2])
    assert (doc._.gliner_report.skipped_queries, list(doc.spans)) == (1, ["entities"])
    nlp.add_pipe("sentencizer", first=True)
    doc = nlp(TEXTS[2])
    summary = {span.text for span in doc.spans["summary"]}
    assert summary and summary <= {sent.text for sent in doc.sents}


@pytest.fixture(scope="module")
def specialist(tmp_path_factory):
    """A checkpoint that names the tasks it was trained for."""
    folder = tmp_path_factory.mktemp("specialist") / "checkpoint"
    return write_checkpoint(folder, tasks=["entities", "questions"])


def test_a_checkpoint_refuses_what_it_was_not_trained_for(make_nlp, specialist):
    nlp = make_nlp(specialist, labels=["person"], classes=["history"], summarize=True)
    with pytest.raises(ValueError, match=r"GM054.*'classes', 'summary'.*'entities', 'questions'"):
        nlp(TEXTS[0])


def test_only_docs_that_ask_for_what_is_refused_fail(make_nlp, specialist):
    nlp = make_nlp(specialist, labels=["person"])
    refused = []
    nlp.set_error_handler(lambda name, pipe, docs, error: refused.append(str(error)[:7]))
    docs = ask_each(nlp, None, {"classes": ["history"]}, {"questions": ["Who?"]})
    assert [list(doc.spans) for doc in nlp.pipe(docs)] == [["entities"], ["entities", "answers"]]
    assert refused == ["[GM054]"]


def test_every_window_of_a_long_text_is_asked(make_nlp):
    nlp = make_nlp(**THRESHOLDS, questions=["Who?"], window_overlap=8)
    doc = nlp(" ".join(TEXTS[:1] * 20))
    starts = [span.start for span in doc.spans["answers"]]
    scores = list(doc.spans["answers"].attrs["scores"])
    assert doc._.gliner_report.windows > 2
    assert min(starts) < 20 and max(starts) > len(doc) - 20
    assert scores == sorted(scores, reverse=True) != [span._.score for span in sorted(doc.spans["answers"])]
