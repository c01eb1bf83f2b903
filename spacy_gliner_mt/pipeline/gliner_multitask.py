"""The component: zero-shot extraction as a spaCy pipe."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional, Union

import srsly
from spacy import util
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Config

from ..errors import Errors, Warnings
from ..models.architecture import GlinerModel, load_folder, require_bundle, save_folder
from ..models.extraction import extract
from ..settings import Labels, Settings
from ..tasks.registry import BUILT_IN, load_tasks, make_tasks
from ..training.loss import Loss, make_binary_loss_v1
from ..training.sampling import LabelSampler
from ..training.trainer import Trainer
from .extensions import REPORT_KEY, register_extensions
from .inquiry import Inquiry
from .learning import LearningPipe


class GlinerMultitask(LearningPipe):
    """Zero-shot extraction with a token-classification GLiNER.

    Labels and all other settings can be set for one Doc as `doc._.gliner = {"labels": [...]}`
    before the component sees it. The weights are loaded by `nlp.initialize`, or with the first Doc.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: GlinerModel,
        name: str = "gliner_multitask",
        *,
        scorer: Optional[Callable] = None,
        loss: Optional[Loss] = None,
        sampler: Optional[LabelSampler] = None,
        **settings: Any,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model): From inputs to logits.
        name (str): The component's name.
        scorer (Optional[Callable]): The scoring method.
        loss (Optional[Callable]): In training; the paper's if none is given.
        sampler (Optional[LabelSampler]): Of labels in training.
        settings (Any): Fields of `settings.Settings`; those left out keep their defaults.
        RAISES: ValueError where a setting makes no sense.
        """
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scorer = scorer
        self.cfg = {**Settings.defaults(), **settings}
        self._config_labels = self.cfg["labels"]
        self.trainer = Trainer(loss or make_binary_loss_v1(), sampler or LabelSampler())
        self._tasks = load_tasks()
        make_tasks(Settings(**self.cfg), self._tasks)
        register_extensions()

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels, without those of single Docs."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> Labels:
        """The labels as `initialize` takes them."""
        return self.cfg["labels"]

    def add_label(self, label: str, description: Optional[str] = None) -> int:
        """Look for another label too.

        label (str): Its name.
        description (Optional[str]): Written into the prompt instead of the name.
        RETURNS (int): 0 if it was there already, otherwise 1.
        """
        labels = self.cfg["labels"]
        if label in labels:
            return 0
        if description is None and not isinstance(labels, Mapping):
            self._set_labels([*labels, label])
        else:
            named = dict(labels) if isinstance(labels, Mapping) else {name: name for name in labels}
            self._set_labels({**named, label: description or label})
        return 1

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream of Docs. Where a batch fails, each of its Docs is tried alone, so that
        the error handler sees those at fault, and only those.

        stream (Iterable[Doc]): Docs.
        batch_size (int): How many are buffered.
        YIELDS (Doc): The Docs, in order.
        """
        for docs in util.minibatch(stream, size=batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
            except Exception:
                # `__call__` hands what fails again to the error handler, and then returns None.
                yield from (doc for doc in map(self, docs) if doc is not None)
            else:
                yield from docs

    def predict(self, docs: Iterable[Doc]) -> list[Inquiry]:
        """Ask the model, without touching the Docs.

        docs (Iterable[Doc]): Docs.
        RETURNS (list[Inquiry]): What was asked of each, and what the model answered.
        RAISES: ValueError if there is nothing to look for, or a Doc's own settings make no sense.
        """
        inquiries = self._inquire(list(docs))
        # Tasks that need the answers of others are asked in a second wave.
        for dependent in (False, True):
            asked = [inquiry.ask(dependent=dependent) for inquiry in inquiries]
            self._require_trained({name for inquiry in asked for name in inquiry.pending})
            extractions = extract(self.model, [inquiry.request for inquiry in asked])
            inquiries = [inquiry.receive(found) for inquiry, found in zip(asked, extractions, strict=True)]
        return inquiries

    def set_annotations(self, docs: Iterable[Doc], scores: Sequence[Inquiry]) -> None:
        """Write what was found to the Docs, and what could not be to their reports.

        docs (Iterable[Doc]): The Docs that were predicted.
        scores (Sequence[Inquiry]): From `predict`.
        """
        for doc, inquiry in zip(docs, scores, strict=True):
            inquiry.annotate()
            report = inquiry.report
            doc.user_data[REPORT_KEY] = asdict(report)
            if report.truncated_words and inquiry.settings.on_overflow == "warn":
                counts = {"words": report.words, "truncated": report.truncated_words}
                warnings.warn(Warnings.GMW01.format(**counts), stacklevel=2)
            if report.misaligned_spans:
                warnings.warn(Warnings.GMW02, stacklevel=2)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Serialize the component, weights and tokenizer included, to a bytestring.

        exclude (Iterable[str]): Fields to leave out.
        RETURNS (bytes): The serialized component.
        """
        require_bundle(self.model)
        writers = {
            "cfg": lambda: srsly.json_dumps(self._learned()),
            "vocab": lambda: self.vocab.to_bytes(exclude=exclude),
            "model": self.model.to_bytes,
        }
        return util.to_bytes(writers, exclude)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "GlinerMultitask":
        """Load the component from a bytestring.

        bytes_data (bytes): What `to_bytes` returned.
        exclude (Iterable[str]): Fields to leave out.
        RETURNS (GlinerMultitask): The component.
        """
        readers = {
            "cfg": lambda data: self._restore(srsly.json_loads(data)),
            "vocab": lambda data: self.vocab.from_bytes(data, exclude=exclude),
            "model": self.model.from_bytes,
        }
        util.from_bytes(bytes_data, readers, exclude)
        return self

    def to_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder. Its subfolder "model" is a checkpoint that `gliner` loads.

        path (Union[str, Path]): The folder.
        exclude (Iterable[str]): Fields to leave out.
        """
        writers = {
            "cfg": lambda p: srsly.write_json(p, self._learned()),
            "vocab": lambda p: self.vocab.to_disk(p, exclude=exclude),
            "model": lambda p: save_folder(self.model, p),
        }
        util.to_disk(path, writers, exclude)

    def from_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> "GlinerMultitask":
        """Load the component from a folder.

        path (Union[str, Path]): The folder.
        exclude (Iterable[str]): Fields to leave out.
        RETURNS (GlinerMultitask): The component.
        """
        readers = {
            "cfg": lambda p: self._restore(srsly.read_json(p)),
            "vocab": lambda p: self.vocab.from_disk(p, exclude=exclude),
            "model": lambda p: load_folder(self.model, p),
        }
        util.from_disk(path, readers, exclude)
        return self

    def _learned(self) -> dict[str, Any]:
        """What is saved beside the weights: the labels. All other settings live in the pipeline's
        config, so that they can be overridden there when it is loaded."""
        # Not every string is read back from a config as it was written: "$" is not.
        config = Config({"component": {"labels": self._config_labels}}).to_str()
        read_back = Config().from_str(config, interpolate=False)["component"]["labels"]
        return {"labels": self.cfg["labels"], "config_labels": read_back}

    def _restore(self, learned: dict[str, Any]) -> None:
        # Labels that somebody has put into the config since then win.
        if learned["config_labels"] == self._config_labels:
            self.cfg["labels"] = learned["labels"]

    def _set_labels(self, labels: Labels) -> None:
        # The property `labels` is a tuple, a config has lists.
        labels = list(labels) if isinstance(labels, tuple) else labels
        Settings(**{**self.cfg, "labels": labels})
        self.cfg["labels"] = labels

    def _inquire(self, docs: Sequence[Doc]) -> list[Inquiry]:
        """Prepare all Docs. What makes no sense is refused before the weights are loaded."""
        common = Settings(**self.cfg)
        in_force = [self._settings_of(doc, common) for doc in docs]
        thresholds = require_bundle(self.model).config.thresholds
        # Completed once for all Docs that have no settings of their own.
        completed = common.with_thresholds(thresholds)
        return [
            Inquiry.start(
                doc, completed if settings is common else settings.with_thresholds(thresholds), self._tasks
            )
            for doc, settings in zip(docs, in_force, strict=True)
        ]

    def _settings_of(self, doc: Doc, settings: Settings) -> Settings:
        if doc._.gliner is not None:
            settings = settings.for_doc(doc._.gliner)
        if settings.asks_nothing:
            raise ValueError(Errors.GM006.format(component=self.name))
        return settings

    def _require_trained(self, tasks: set[str]) -> None:
        """Check that the checkpoint can do what is asked of it, if it says what it can do."""
        trained = require_bundle(self.model).config.tasks
        if trained is not None and (unknown := sorted(tasks.intersection(BUILT_IN).difference(trained))):
            raise ValueError(Errors.GM054.format(task=unknown, tasks=trained))
