"""Layering: imports point down, and what is slow to import is imported where it is needed."""

import ast
import sys
from pathlib import Path

import pytest

import spacy_gliner_mt

PACKAGE = "spacy_gliner_mt"
ROOT = Path(spacy_gliner_mt.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# A unit is a folder or a module directly in the package. It may import those on later lines.
LEVELS = [
    {"cli"},
    {"drawing"},
    {"pipeline", "scoring"},
    {"training"},
    {"models"},
    {"tasks"},
    {"encoding", "decoding", "nn"},
    {"settings"},
    {"types", "errors"},
]
LEVEL = {unit: level for level, units in enumerate(LEVELS) for unit in units}
# Beside those: neighbours that belong together.
BESIDE = {("encoding", "decoding")}

# What of other packages a unit may import; those not named here may import any.
ALLOWED = {
    "nn": {"torch", "transformers"},
    "encoding": {"numpy"},
    "decoding": {"numpy"},
    "settings": {"numpy", "pydantic"},
    "types": {"numpy"},
    "errors": set(),
}
FORBIDDEN = {
    "pipeline": {"torch", "transformers", "tokenizers", "safetensors"},
    "tasks": {"torch", "transformers", "tokenizers"},
}
# Of its own package, `nn` knows itself only: it can be compared with gliner's weights alone.
PURE = {"nn": set(), "encoding": {"decoding", "types", "errors"}, "decoding": {"encoding", "types", "errors"}}


def module_name(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def unit_of(name):
    """The unit of a module, given by the parts of its name; empty for the package itself."""
    return name[1] if len(name) > 1 else ""


def imported(path, nodes):
    """Modules that import statements name, each as the parts of its full name."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path)[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            # What is imported from a package may be a module of it.
            yield from (base + (alias.name,) for alias in node.names)


def parse(path):
    return ast.parse(path.read_text(encoding="utf8"))


def imports_of(path):
    return set(imported(path, ast.walk(parse(path))))


def top_level(node):
    """Nodes that run when the module is imported: not the bodies of functions, nor what only type
    checkers read."""
    for child in ast.iter_child_nodes(node):
        yield child
        never_runs = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
        if not never_runs and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from top_level(child)


def own_units(path):
    return {unit_of(name) for name in imports_of(path) if name[0] == PACKAGE}


def others(path):
    names = {name[0] for name in imports_of(path)}
    return {name for name in names if name != PACKAGE and name not in sys.stdlib_module_names}


def import_graph():
    """Modules of the package -> those that are imported with them."""
    names = {module_name(path) for path in MODULES}
    graph = {}
    for path in MODULES:
        found = imported(path, top_level(parse(path)))
        targets = {name if name in names else name[:-1] for name in found if name[0] == PACKAGE}
        graph[module_name(path)] = targets & names - {module_name(path)}
    return graph


GRAPH = import_graph()


@pytest.fixture(params=MODULES, ids=lambda path: ".".join(module_name(path)[1:]) or PACKAGE)
def path(request):
    return request.param


def test_every_unit_has_a_level():
    units = {unit_of(module_name(path)) for path in MODULES} - {""}
    assert units == set(LEVEL), "give new units a level here, and take away those that are gone"


def test_imports_point_down(path):
    unit = unit_of(module_name(path))
    if not unit:
        assert own_units(path) == set(), "the package itself imports nothing"
        return
    up = {
        other
        for other in own_units(path) - {unit}
        if (unit, other) not in BESIDE and not LEVEL.get(other, -1) > LEVEL[unit]
    }
    assert not up, f"{unit} must not import {sorted(up)}"


def test_pure_units_know_only_each_other(path):
    unit = unit_of(module_name(path))
    if unit in PURE:
        assert own_units(path) - {unit} <= PURE[unit]


def test_units_import_only_what_they_may_of_other_packages(path):
    unit = unit_of(module_name(path))
    if unit in ALLOWED:
        assert others(path) <= ALLOWED[unit]
    assert not others(path) & FORBIDDEN.get(unit, set())


def test_nothing_imports_transformers_before_it_is_needed(path):
    names = {name[0] for name in imported(path, top_level(parse(path)))}
    assert "transformers" not in names


def test_modules_do_not_import_each_other_in_circles():
    left = dict(GRAPH)
    while free := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets for name, targets in left.items() if name not in free}
    assert not left, f"circles among {sorted('.'.join(name) for name in left)}"


def test_the_command_line_needs_no_network_to_start():
    """spaCy imports it for each of its own commands."""
    reached, found = set(), {(PACKAGE, "cli")}
    while found:
        reached |= found
        found = set().union(*(GRAPH[name] for name in found)) - reached
    assert len(reached) > 5
    slow = {
        (".".join(module_name(path)), name[0])
        for path in MODULES
        for name in imported(path, top_level(parse(path)))
        if module_name(path) in reached and name[0] in {"torch", "transformers", "tokenizers", "safetensors"}
    }
    assert not slow


@pytest.mark.parametrize(
    "source, names",
    [
        ("import a.b", {("a", "b")}),
        ("from a import b", {("a", "b")}),
        ("from . import b", {(PACKAGE, "nn", "b")}),
        ("from .b import c", {(PACKAGE, "nn", "b", "c")}),
        ("from .. import errors", {(PACKAGE, "errors")}),
        ("from ..models.bundle import Bundle", {(PACKAGE, "models", "bundle", "Bundle")}),
        ("if x:\n    import a", {("a",)}),
        ("def f():\n    import a", set()),
        ("class A:\n    import a\n    def f(self):\n        import b", {("a",)}),
        ("if TYPE_CHECKING:\n    import a\nimport b", {("b",)}),
        ("try:\n    import a\nexcept ImportError:\n    import b", {("a",), ("b",)}),
    ],
)
def test_imports_are_recognised(source, names):
    """The check itself: names are resolved, and what does not run on import is set aside."""
    assert set(imported(ROOT / "nn" / "module.py", top_level(ast.parse(source)))) == names
