"""Architecture: when weights load, what training computes, and what is serialised."""

import multiprocessing
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np
import pytest
import torch
from thinc.api import SGD, Adam

from spacy_gliner_mt.models import architecture
from spacy_gliner_mt.models.architecture import (
    build_gliner_multitask_v1,
    load_folder,
    require_bundle,
    save_folder,
)
from spacy_gliner_mt.models.bundle import Bundle
from spacy_gliner_mt.models.collate import collate
from spacy_gliner_mt.models.locate import DEFAULT
from spacy_gliner_mt.models.onnx.bundle import OnnxBundle
from spacy_gliner_mt.nn.deberta import Attention, DisentangledAttention
from spacy_gliner_mt.training.optimizer import make_adamw_v1, update_weights

from ..util import make_bundle, read_bundle
from .onnx.util import write_export
from .util import enliven, make_inputs, score


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint whose logits vary."""
    folder = tmp_path_factory.mktemp("lively") / "checkpoint"
    enliven(make_bundle(n_rnn_layers=2, hidden_size=8)).to_checkpoint().to_folder(folder)
    return folder


@pytest.fixture
def model(folder):
    """A model of it that has read nothing yet."""
    return build_gliner_multitask_v1(checkpoint=str(folder))


@pytest.fixture
def inputs(folder):
    return make_inputs(read_bundle(folder))


@pytest.fixture
def located(monkeypatch, folder):
    """What checkpoints are looked for; finding one takes a while."""
    calls = []

    def locate(name, revision, graph):
        calls.append((name, revision, graph))
        time.sleep(0.05)
        return folder

    monkeypatch.setattr(architecture, "locate_checkpoint", locate)
    return calls


def assert_equal(one, other):
    for logits, others in zip(one, other, strict=True):
        assert np.array_equal(logits, others)


def test_building_reads_nothing(located):
    model = build_gliner_multitask_v1()
    assert model.attrs["checkpoint"] == DEFAULT
    assert model.attrs["revision"] is model.attrs["graph"] is None
    build_gliner_multitask_v1(checkpoint="owner/name", revision="v1", max_batch_tokens=7)
    assert located == []


@pytest.mark.parametrize(
    "load",
    [
        lambda model, inputs: model.initialize(),
        lambda model, inputs: model.predict(inputs),
        lambda model, inputs: model(inputs, is_train=True),
        lambda model, inputs: require_bundle(model),
    ],
    ids=["initialize", "predict", "update", "require_bundle"],
)
def test_the_first_need_of_weights_loads_them_and_no_later_one(located, inputs, load):
    model = build_gliner_multitask_v1(checkpoint="owner/name", revision="v1")
    load(model, inputs)
    assert located == [("owner/name", "v1", None)]
    model.predict(inputs)
    model.initialize()
    load(model, inputs)
    assert len(located) == 1


def test_threads_that_predict_first_load_once_and_agree(located, folder, inputs):
    model = build_gliner_multitask_v1(checkpoint="owner/name")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: model.predict(inputs), range(8)))
    assert len(located) == 1
    for result in results:
        assert_equal(result, score(read_bundle(folder), inputs))


def test_a_missing_checkpoint_is_told_when_it_is_needed(tmp_path, inputs):
    model = build_gliner_multitask_v1(checkpoint=str(tmp_path / "missing" / "one"))
    for need in (model.initialize, lambda: model.predict(inputs), lambda: save_folder(model, tmp_path)):
        with pytest.raises(ValueError, match="GM020"):
            need()


def test_a_failed_load_may_be_tried_again(tmp_path, folder, inputs):
    link = tmp_path / "checkpoint"
    model = build_gliner_multitask_v1(checkpoint=str(link))
    with pytest.raises(ValueError, match="GM020"):
        model.predict(inputs)
    link.symlink_to(folder)
    assert_equal(model.predict(inputs), score(read_bundle(folder), inputs))


IMPORT = """
import sys
from spacy_gliner_mt.pipeline.factory import make_gliner_multitask
from spacy_gliner_mt.models.architecture import build_gliner_multitask_v1
model = build_gliner_multitask_v1(checkpoint=sys.argv[1])
print("transformers" in sys.modules, "huggingface_hub" in sys.modules, "gliner" in sys.modules)
model.initialize()
print("transformers" in sys.modules)
"""


def test_transformers_is_imported_with_the_first_weights_only(folder):
    command = [sys.executable, "-c", IMPORT, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert result.stdout.splitlines() == ["False False False", "True"], result.stderr


def test_predictions_are_plain_arrays_of_the_networks_logits(model, folder, inputs):
    predicted = model.predict(inputs)
    assert_equal(predicted, score(read_bundle(folder), inputs))
    assert {(type(logits), logits.dtype.name) for logits in predicted} == {(np.ndarray, "float32")}


def test_predicting_never_leaves_evaluation_mode(model, inputs, monkeypatch):
    bundle = require_bundle(model)
    seen = []
    monkeypatch.setattr(bundle, "train", lambda mode=True: seen.append(mode))
    first = model.predict(inputs)
    assert_equal(model.predict(inputs), first)
    assert not bundle.training
    assert True not in seen


def make_d_logits(inputs):
    generator = np.random.default_rng(0)
    shapes = [(len(item.word_positions), len(item.label_positions), 3) for item in inputs]
    return [generator.normal(size=shape).astype(np.float32) for shape in shapes]


def update(model, inputs, d_logits):
    """One update without its last step, with dropout as seeded."""
    require_bundle(model)  # draws random numbers, too
    torch.manual_seed(0)
    logits, backprop = model(inputs, is_train=True)
    assert backprop(d_logits) == []
    return logits


def test_backprop_gives_the_gradients_of_plain_autograd(model, folder, inputs):
    d_logits = make_d_logits(inputs)
    logits = update(model, inputs, d_logits)
    bundle = read_bundle(folder).train()
    torch.manual_seed(0)
    expected = bundle(collate(inputs, bundle.pad_id, torch.device("cpu")))
    sum((some * torch.from_numpy(d)).sum() for some, d in zip(expected, d_logits, strict=True)).backward()
    for some, other in zip(logits, expected, strict=True):
        np.testing.assert_allclose(some, other.detach(), rtol=0, atol=1e-6)
    gradients = {name: parameter.grad for name, parameter in require_bundle(model).named_parameters()}
    without = {name for name, gradient in gradients.items() if gradient is None}
    assert without == {
        "network.encoder.transformer.pooler.dense.weight",
        "network.encoder.transformer.pooler.dense.bias",
    }
    for name, parameter in bundle.named_parameters():
        if name not in without:
            torch.testing.assert_close(gradients[name], parameter.grad)
            assert parameter.grad.abs().max() > 0


def test_gradients_of_several_updates_add_up(model, inputs):
    update(model, inputs, make_d_logits(inputs))
    parameter = require_bundle(model).network.scorer.words.weight
    once = parameter.grad.clone()
    update(model, inputs, make_d_logits(inputs))
    torch.testing.assert_close(parameter.grad, 2 * once)


def test_dropout_acts_in_updates_and_not_after_them(model, inputs):
    before = model.predict(inputs)
    first, _ = model(inputs, is_train=True)
    second, _ = model(inputs, is_train=True)
    assert not np.array_equal(first[0], second[0])
    assert not require_bundle(model).training
    assert_equal(model.predict(inputs), before)


def test_finish_update_moves_the_weights_down_the_gradients(model, inputs):
    before = model.predict(inputs)
    update(model, inputs, make_d_logits(inputs))
    network = require_bundle(model).network
    moved = {
        name: parameter.detach() - 0.01 * parameter.grad
        for name, parameter in network.named_parameters()
        if parameter.grad is not None
    }
    model.finish_update(SGD(0.01, grad_clip=0.0))
    for name, expected in moved.items():
        torch.testing.assert_close(network.get_parameter(name).detach(), expected)
    assert np.abs(model.predict(inputs)[2] - before[2]).max() > 1e-3
    assert not any(parameter.grad.any() for parameter in network.scorer.parameters())


def test_training_lowers_the_loss(model, inputs):
    optimizer = Adam(0.02)
    targets = np.array([1.0, 0.0, 1.0], dtype=np.float32)  # start and inside everywhere, end nowhere
    losses = []
    for _ in range(15):
        logits, backprop = model(inputs, is_train=True)
        errors = [1 / (1 + np.exp(-some)) - targets for some in logits]
        losses.append(np.mean([np.abs(some).mean() for some in errors]))
        backprop(errors)
        model.finish_update(optimizer)
    assert losses[-1] < 0.5 * losses[0]


def test_bytes_hold_all_that_is_needed(model, located, inputs):
    model.initialize()
    update(model, inputs, make_d_logits(inputs))
    model.finish_update(Adam(0.01))
    expected, data = model.predict(inputs), model.to_bytes()
    located.clear()
    again = build_gliner_multitask_v1(checkpoint="owner/gone").from_bytes(data)
    assert_equal(again.predict(inputs), expected)
    assert not require_bundle(again).training
    assert again.to_bytes() == data
    assert located == []


def test_bytes_replace_what_was_loaded(model, inputs, tmp_path):
    other = tmp_path / "other"
    enliven(make_bundle("deberta-v2")).to_checkpoint().to_folder(other)
    data = model.initialize().to_bytes()
    again = build_gliner_multitask_v1(checkpoint=str(other)).initialize()
    assert not np.array_equal(again.predict(inputs)[0], model.predict(inputs)[0])
    assert_equal(again.from_bytes(data).predict(inputs), model.predict(inputs))


def test_folders_hold_all_that_is_needed(model, inputs, tmp_path):
    save_folder(model, tmp_path / "saved")  # loads, too
    again = build_gliner_multitask_v1(checkpoint="owner/gone")
    load_folder(again, tmp_path / "saved")
    assert_equal(again.predict(inputs), model.predict(inputs))
    assert not require_bundle(again).training


def _count_threads(queue):
    queue.put(torch.get_num_threads())


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this system")
def test_a_forked_process_uses_one_thread(model):
    require_bundle(model)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        context = multiprocessing.get_context("fork")
        queue = context.SimpleQueue()
        process = context.Process(target=_count_threads, args=(queue,))
        process.start()
        process.join(30)
        assert (process.exitcode, queue.get()) == (0, 1)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def exported(folder, tmp_path_factory):
    """A graph of the same checkpoint."""
    return write_export(tmp_path_factory.mktemp("exported") / "export", read_bundle(folder))


def assert_close(one, other):
    for logits, others in zip(one, other, strict=True):
        np.testing.assert_allclose(logits, others, rtol=1e-5, atol=1e-5)


def test_a_graph_is_run_where_there_are_no_weights(exported, folder, inputs):
    model = build_gliner_multitask_v1(checkpoint=str(exported)).initialize()
    assert isinstance(require_bundle(model), OnnxBundle)
    predicted = model.predict(inputs)
    assert_close(predicted, score(read_bundle(folder), inputs))
    assert {(type(logits), logits.dtype.name) for logits in predicted} == {(np.ndarray, "float32")}


def test_a_graph_that_is_named_is_run_in_place_of_weights(exported, folder, inputs, tmp_path):
    both = shutil.copytree(folder, tmp_path / "both")
    (both / "onnx").mkdir()
    shutil.copy(exported / "model.onnx", both / "onnx" / "other.onnx")
    model = build_gliner_multitask_v1(checkpoint=str(both))
    assert isinstance(require_bundle(model), Bundle)
    model = build_gliner_multitask_v1(checkpoint=str(both), graph="onnx/other.onnx")
    assert isinstance(require_bundle(model), OnnxBundle)
    assert_close(model.predict(inputs), score(read_bundle(folder), inputs))


def test_a_graph_is_looked_for_on_the_hub(located):
    model = build_gliner_multitask_v1(checkpoint="owner/name", graph="onnx/model.onnx")
    with pytest.raises(ValueError, match="GM023.*'onnx/model.onnx'"):
        model.initialize()
    assert located == [("owner/name", None, "onnx/model.onnx")]


def test_a_graph_cannot_be_trained(exported, inputs):
    model = build_gliner_multitask_v1(checkpoint=str(exported))
    with pytest.raises(ValueError, match=r"GM089.*'model.onnx'.*export-onnx"):
        model.begin_update(inputs)


def test_a_graph_computes_on_the_cpu(exported, inputs):
    model = build_gliner_multitask_v1(checkpoint=str(exported), mixed_precision=True)
    with pytest.warns(UserWarning, match="GMW08"):
        model.predict(inputs)


def test_bytes_hold_the_graph(exported, inputs, tmp_path):
    lost = shutil.copytree(exported, tmp_path / "lost")
    model = build_gliner_multitask_v1(checkpoint=str(lost)).initialize()
    data = model.to_bytes()
    shutil.rmtree(lost)
    again = build_gliner_multitask_v1(checkpoint="owner/gone").from_bytes(data)
    assert_equal(again.predict(inputs), model.predict(inputs))
    assert again.to_bytes() == data


def test_a_graph_replaces_the_weights_in_a_folder(exported, model, inputs, tmp_path):
    save_folder(model, tmp_path)
    graph = build_gliner_multitask_v1(checkpoint=str(exported))
    save_folder(graph, tmp_path)
    load_folder(model, tmp_path)
    assert isinstance(require_bundle(model), OnnxBundle)
    assert_equal(model.predict(inputs), graph.predict(inputs))


@pytest.mark.parametrize("n_layers", [-1, 3])
def test_layers_that_are_not_there_cannot_be_frozen(folder, inputs, n_layers):
    model = build_gliner_multitask_v1(checkpoint=str(folder), frozen_layers=n_layers)
    model.predict(inputs)
    with pytest.raises(ValueError, match=rf"\[GM084\].* {n_layers}.* 2 layers"):
        model.begin_update(inputs)


@pytest.mark.parametrize(("n_layers", "n_frozen"), [(None, 0), (0, 5), (1, 21), (2, 37)])
def test_frozen_layers_get_no_gradients(folder, inputs, n_layers, n_frozen):
    model = build_gliner_multitask_v1(checkpoint=str(folder), frozen_layers=n_layers)
    logits, backprop = model.begin_update(inputs)
    backprop([np.ones_like(some) for some in logits])
    encoder = model.shims[0]._model.network.encoder.transformer
    trained = {name for name, tensor in encoder.named_parameters() if tensor.grad is not None}
    # The pooler of the transformer is not used.
    names = {name for name, _ in encoder.named_parameters() if not name.startswith("pooler")}
    assert len(names - trained) == n_frozen
    assert not n_layers or not any(name.startswith("embeddings") for name in trained)


@pytest.fixture(scope="module")
def deberta(tmp_path_factory):
    """A checkpoint with a DeBERTa encoder."""
    folder = tmp_path_factory.mktemp("deberta") / "checkpoint"
    enliven(make_bundle("deberta-v2")).to_checkpoint().to_folder(folder)
    return folder


def has_fused_attention(model):
    return any(isinstance(part, DisentangledAttention) for part in require_bundle(model).modules())


@pytest.mark.parametrize("attention", get_args(Attention))
def test_the_attention_of_deberta_can_be_chosen(deberta, folder, attention):
    model = build_gliner_multitask_v1(checkpoint=str(deberta), attention=attention)
    again = build_gliner_multitask_v1(attention=attention).from_bytes(model.initialize().to_bytes())
    assert [has_fused_attention(some) for some in (model, again)] == 2 * [attention == "fused"]
    bert = build_gliner_multitask_v1(checkpoint=str(folder), attention=attention)
    assert not has_fused_attention(bert)


def test_both_kinds_of_attention_score_alike(deberta):
    inputs = make_inputs(read_bundle(deberta))
    fused, theirs = (
        build_gliner_multitask_v1(checkpoint=str(deberta), attention=attention).predict(inputs)
        for attention in get_args(Attention)
    )
    for some, others in zip(fused, theirs, strict=True):
        np.testing.assert_allclose(some, others, rtol=0, atol=1e-5)


def test_attention_of_no_known_kind_is_refused(deberta):
    model = build_gliner_multitask_v1(checkpoint=str(deberta), attention="flash")
    with pytest.raises(ValueError, match=r"\[GM007\] 'attention' is 'flash'"):
        model.initialize()


@pytest.mark.parametrize("optimizer", [Adam(0.001), SGD(0.001), make_adamw_v1(0.001)], ids=type)
def test_predictions_keep_nothing_of_weights_that_have_learned(deberta, optimizer):
    """Not even with a prediction between the gradient and the step."""
    inputs = make_inputs(read_bundle(deberta))
    model = build_gliner_multitask_v1(checkpoint=str(deberta))
    before = model.predict(inputs)
    for _ in range(2):
        logits, backprop = model.begin_update(inputs)
        backprop([np.ones_like(some) for some in logits])
        assert_equal(model.predict(inputs), before)
        update_weights(model, optimizer)
        before = build_gliner_multitask_v1().from_bytes(model.to_bytes()).predict(inputs)
        assert_equal(model.predict(inputs), before)


def test_mixed_precision_is_for_gpus(folder, inputs):
    model = build_gliner_multitask_v1(checkpoint=str(folder), mixed_precision=True)
    with pytest.warns(UserWarning, match="GMW08"):
        logits = model.predict(inputs)
    plain = build_gliner_multitask_v1(checkpoint=str(folder)).predict(inputs)
    for some, others in zip(logits, plain, strict=True):
        np.testing.assert_array_equal(some, others)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="Needs a GPU.")
def test_mixed_precision_on_a_gpu(folder, inputs):
    bundle = read_bundle(folder).to("cuda")
    batch = collate(inputs, bundle.pad_id, torch.device("cuda"))
    with torch.inference_mode():
        exact, mixed = bundle(batch), bundle(batch, True)
    for some, others in zip(exact, mixed, strict=True):
        assert others.dtype == torch.float32
        torch.testing.assert_close(some, others, atol=1.0, rtol=0.1)
    assert any(not torch.equal(some, others) for some, others in zip(exact, mixed, strict=True))
