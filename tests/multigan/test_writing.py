"""Writing: whole or not at all, through no link, and nowhere else in the product."""

import ast
import errno
import os
import stat
from pathlib import Path

import pytest

from multigan import writing
from multigan.errors import ConfigError

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name != "posix", reason="links and permissions are those of POSIX")


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- one file ----


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "report"
    for text in ("first", "é"):
        writing.write_text(path, text)
        assert content(tmp_path) == {"report": text.encode()}
    with writing.replacing(path) as stream:
        stream.write(b"third")
        assert path.read_bytes() == "é".encode()
    assert content(tmp_path) == {"report": b"third"}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "no room"), RuntimeError("x")])
def test_what_stops_a_write_leaves_what_was_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "report"
    writing.write_text(path, "first")

    def cut():
        with writing.replacing(path) as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(type(error)) as caught:
        cut()
    assert content(tmp_path) == {"report": b"first"}
    if isinstance(error, OSError):
        assert caught.value.filename == str(path)  # not the name of the draft


@POSIX
def test_a_file_has_the_permissions_that_open_gives(tmp_path):
    before = os.umask(0o027)
    try:
        writing.write_text(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@POSIX
def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path):
    precious, link = tmp_path / "precious", tmp_path / "link"
    precious.write_text("mine")
    link.symlink_to(precious)
    writing.write_text(link, "new")
    assert (link.read_text(), link.is_symlink(), precious.read_text()) == ("new", False, "mine")
    with pytest.raises(FileExistsError):
        writing.new_file(precious)
    (tmp_path / "nowhere").symlink_to(tmp_path / "absent")
    with pytest.raises(FileExistsError):
        writing.new_file(tmp_path / "nowhere")
    assert not (tmp_path / "absent").exists()


def test_a_draft_grows_from_one_attempt_to_the_next_and_then_takes_its_place(tmp_path):
    draft, path = tmp_path / "draft", tmp_path / "file"
    for part in (b"one", b", two"):
        with writing.growing(draft, private=True) as stream:
            assert stream.tell() == draft.stat().st_size
            stream.write(part)
    writing.settle(draft, path)
    assert content(tmp_path) == {"file": b"one, two"}
    with writing.growing(path) as stream:
        stream.truncate(0)
        stream.write(b"anew")
    assert content(tmp_path) == {"file": b"anew"}
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@POSIX
def test_a_log_follows_no_link(tmp_path):
    log, precious = tmp_path / "log", tmp_path / "precious"
    for line in ("a", "b"):
        writing.append_line(log, line)
    assert log.read_text() == "a\nb\n"
    log.unlink()
    precious.write_text("mine")
    log.symlink_to(precious)
    with pytest.raises(OSError, match="it is a symbolic link, and none is followed"):
        writing.append_line(log, "c")
    assert precious.read_text() == "mine"


# ---- folders ----


@POSIX
def test_a_folder_that_leads_out_of_the_one_a_person_named_is_refused(tmp_path):
    run, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    (run / "a").mkdir(parents=True)
    elsewhere.mkdir()
    writing.make_folder(run / "a" / "b", within=run)
    assert (run / "a" / "b").is_dir()
    (run / "a" / "link").symlink_to(elsewhere)
    for folder in (run / "a" / "link", run / "a" / "link" / "deeper"):
        with pytest.raises(
            ConfigError, match=r"link is a symbolic link \(to .*elsewhere\), and multigan follows none"
        ):
            writing.make_folder(folder, within=run)
    assert list(elsewhere.iterdir()) == []
    (tmp_path / "named").symlink_to(run)  # a person's own link is followed
    writing.make_folder(tmp_path / "named" / "c", within=tmp_path / "named")
    assert (run / "c").is_dir()


def test_drafts_are_of_names_that_nobody_foresees(tmp_path):
    names = {writing.draft_beside(tmp_path / "a").name for _ in range(100)}
    assert len(names) == 100
    with writing.draft_folder(tmp_path) as draft:
        assert list(tmp_path.iterdir()) == [draft]
        (draft / "file").write_text("x")
    assert list(tmp_path.iterdir()) == []


# ---- nowhere else ----

OF_PATHS = {
    "write_text",
    "write_bytes",
    "savez",
    "save_file",
    "copyfile",
    "imwrite",
    "imsave",
    "tofile",
    "open_memmap",
}
OF_STREAMS = {"save", "savefig", "dump", "write"}
"""Names of what writes to a path or to a stream: the latter get a stream here."""


def streams_of(tree):
    """Names in a module that are streams of ``writing`` or in memory."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem) and isinstance(node.context_expr, ast.Call):
            function = ast.unparse(node.context_expr.func).split(".")[-1]
            names |= {ast.unparse(node.optional_vars)} if function in ("replacing", "new_file") else set()
        if isinstance(node, ast.Assign) and ast.unparse(node.value) in ("io.BytesIO()", "BytesIO()"):
            names |= {ast.unparse(target) for target in node.targets}
    return names


def opens_to_write(node):
    """Whether a mode stands among the arguments of an ``open``, or a flag of ``os.open``."""
    values = [*node.args, *(word.value for word in node.keywords)]
    modes = [
        value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
    modes = [mode for mode in modes if set(mode) <= set("rwxabt+") and set(mode) & set("wxa+")]
    return bool(modes) or any(
        "O_WRONLY" in ast.unparse(value) or "O_RDWR" in ast.unparse(value) for value in values
    )


def writes(source):
    """Calls in a module that open a file to write, or write to a path."""
    tree, found = ast.parse(source), []
    streams = streams_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
            continue
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        last = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        first = ast.unparse(node.args[0]) if node.args else ""
        if last == "open":
            wrong = opens_to_write(node)
        elif last in OF_PATHS:
            wrong = bool(owner) or last not in ("write_text", "write_bytes")  # those are of multigan.writing
        elif last == "write":
            wrong = owner in ("soundfile", "sf", "wavfile") and first not in streams
        else:
            wrong = (
                last in OF_STREAMS and owner not in ("json", "yaml") and bool(first) and first not in streams
            )
        found += [ast.unparse(node)] if wrong else []
    return found


@pytest.mark.parametrize(
    "source",
    [
        "open('x', 'w')",
        "path.open('ab')",
        "open(path, mode='x')",
        "(folder / 'a').write_text('x')",
        "path.write_bytes(data)",
        "figure.savefig(path)",
        "picture.save(path)",
        "Image.fromarray(x).save(folder / 'a.png', format='PNG')",
        "soundfile.write(path, wave, 8000)",
        "np.save(path, array)",
        "save_file(tensors, path)",
        "os.open(path, os.O_WRONLY | os.O_CREAT)",
    ],
)
def test_what_writes_is_noticed(source):
    assert writes(source)


def test_streams_and_reading_are_not_noticed():
    assert (
        writes("open(path)\npath.open('rb')\nheld = io.BytesIO()\nfigure.savefig(held, format='png')") == []
    )
    assert writes("with replacing(path) as stream:\n    picture.save(stream)") == []


ALLOWED = {
    "multigan/writing.py": None,
    # their own states, which end in one of the functions above
    "multigan/checkpoint.py": [
        "safetensors.torch.save(tensors, metadata={_OF_TREE: _tree_digest(tree)})",
        "save(folder, state, meta=meta)",
    ],
    "multigan/directions.py": ["safetensors.torch.save(tensors)"],
    "multigan/projections.py": ["safetensors.torch.save(tensors)"],
    "multigan/exporting.py": [
        "safetensors.torch.save(tensors, metadata={'multigan': json.dumps(facts_of(trained))})",
        "program.save(draft)",
    ],
    "multigan/image/importing.py": [
        "RunFacts('image', official.architecture, names, official.shape, data).save(run_folder, data_elsewhere=True)",
        "save(run_folder / 'checkpoints' / '000000000', state, meta={'samples': 0, 'figure': None, 'better': 'lower'})",
    ],
    # into a stream that one of the functions above has opened
    "multigan/video/files.py": ["av.open(file, mode='w', format='mp4')"],
    "multigan/display.py": ["os.open(os.devnull, os.O_WRONLY)", "os.open(os.devnull, os.O_RDWR)"],
    "multigan/locks.py": [
        "os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 438)",
        "os.open(folder / FILE, os.O_RDWR | _NO_FOLLOW)",
    ],
    "evaluation/classifiers/training.py": [
        "save(plain, metadata={**facts, 'sum': _sum(plain)})",
        "result.save(path)",
    ],
    "multigan/testing/networks.py": ["checkpoint.save(folder / '000000001', network.state_dict())"],
    "multigan/testing/training.py": ["checkpoint.save(folder / '000000002', stopped.state_dict())"],
    "multigan/reading/audio.py": ["wave.open(buffer, 'wb')"],
    "multigan/training/hooks/checkpoints.py": ["save(folder, self._network().state_dict())"],
    "recipes/run.py": None,
    "recipes/hub/fetch.py": [
        "save(folder / 'checkpoints' / checkpoint, {'parts': {'hooks.ema_generator': tensors}}, meta=meta)"
    ],
    "recipes/hub/contents.py": [
        "public.facts.save(folder, **more, **{} if is_drawn else {'data_elsewhere': True})"
    ],
    # what a command of a family says goes to its log as it comes
    "recipes/several/children.py": ["log.open('ab')"],
}


@pytest.mark.parametrize("package", ["multigan", "evaluation", "recipes"])
def test_no_other_module_opens_a_file_to_write(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        allowed = ALLOWED.get(name, [])
        if allowed is not None:
            assert set(writes(path.read_text(encoding="utf-8"))) <= set(allowed), name
