"""The journal: what was finished is there after anything, and nothing else is taken for it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.campaign import part as parts
from oracle.campaign.account import NAMED, Account, Poisoned
from oracle.campaign.account import read as read_account
from oracle.campaign.header import HEADER, Header, JournalError, read_header
from oracle.campaign.journal import PARTS, Journal, retire, write_durably
from oracle.campaign.outcome import outcome_of
from oracle.campaign.part import encode
from oracle.campaign.plan import CHUNK, Plan
from oracle.campaign.resume import missing, overlaps, shard
from oracle.campaign.shards import join
from oracle.judge.verdict import CaseVerdict, TensorVerdict, Verdict
from oracle.report.folder import Folder, FolderError

VERSIONS = {"torch": "2.13.0", "source": "0123"}
PLAN = Plan(seed=1, cases=3 * CHUNK + 5, profile="median-small")
HEADER_OF = Header(PLAN, VERSIONS)
NAN = float("nan")


def row(plan: Plan, case_id: str) -> CaseVerdict | Poisoned:
    """A row that its case decides."""
    number = int(case_id.partition("/")[2])
    if number % 7 == 6:
        return Poisoned(case_id, "its worker died")
    verdict = (Verdict.AGREE, Verdict.VACUOUS, Verdict.ERROR)[number % 3]
    tensors = tuple(
        TensorVerdict(f"p{k}", "gradient", "relu", k, verdict, "rounding", float(k), 2.0**-k if k else NAN)
        for k in range(number % 4)
    )
    return CaseVerdict(case_id, verdict, "relu", "rounding", tensors, "", number, False, {"draw": 0.5})


def part(plan: Plan, chunks: range, versions: dict[str, str] = VERSIONS) -> bytes:
    """A part whose rows are made up."""
    found = [row(plan, f"{plan.chunk(n)[0]}/{index}") for n in chunks for index in plan.chunk(n)[1]]
    account = Account()
    for one in found:
        account.add(one)
        account.coverage.pairs["relu", "add"] += 1
        account.book({"draw": 0.5})
    return encode(plan, chunks, found, account, versions, {"cpu": "made up"} if not chunks.start else {})


def begun(path: Path, header: Header = HEADER_OF) -> Journal:
    journal = Journal(header, path)
    journal.begin()
    return journal


def filled(path: Path, *ranges: range, header: Header = HEADER_OF) -> Journal:
    journal = begun(path, header)
    for chunks in ranges:
        journal.add(part(header.plan, chunks))
    journal.close()
    return journal


# --- ranges ---

ranges = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda pair: range(pair[0], sum(pair))), max_size=6
)


@given(ranges, st.integers(0, 30), st.integers(0, 30))
def test_what_is_missing_is_what_nobody_holds(held: list[range], start: int, length: int) -> None:
    wanted = range(start, start + length)
    gaps = missing(wanted, held)
    assert [n for gap in gaps for n in gap] == [n for n in wanted if not any(n in one for one in held)]
    assert all(gaps)


@given(ranges)
def test_ranges_overlap_where_something_is_held_twice(held: list[range]) -> None:
    held = [one for one in held if one]
    numbers = [n for one in held for n in one]
    assert bool(list(overlaps(held))) == (len(numbers) > len(set(numbers)))


@given(st.integers(0, 1000), st.integers(1, 50))
def test_shards_are_a_partition_into_nearly_equal_parts(units: int, of: int) -> None:
    shards = [shard(units, number, of) for number in range(1, of + 1)]
    assert [n for one in shards for n in one] == list(range(units))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


# --- parts ---


def test_a_part_gives_back_its_rows_and_its_account() -> None:
    chunks = range(1, 4)
    one, account, environment = parts.read(part(PLAN, chunks))
    wanted = [row(PLAN, f"{PLAN.chunk(n)[0]}/{index}") for n in chunks for index in PLAN.chunk(n)[1]]
    found = one.table().to_pylist()
    assert [r["case"] for r in found] == [r.case_id for r in wanted]
    assert [r["verdict"] for r in found] == [str(r.verdict) for r in wanted]
    assert [len(r["tensors"]) for r in found] == [len(getattr(r, "tensors", ())) for r in wanted]
    assert (one.chunks, environment) == (chunks, {})
    again = read_account(json.loads(json.dumps(account.record())))
    assert again == account
    assert account.seconds.total() == 0.5 * PLAN.sized(chunks)
    assert account.coverage.pairs == {("relu", "add"): PLAN.sized(chunks)}


def test_the_leaves_do_not_depend_on_how_chunks_are_grouped() -> None:
    one, _, _ = parts.read(part(PLAN, range(PLAN.units)))
    each = [parts.read(part(PLAN, range(n, n + 1)))[0].leaves for n in range(PLAN.units)]
    assert list(one.leaves) == [leaf for leaves in each for leaf in leaves]


# --- the folder ---


def test_a_journal_that_is_read_again_is_the_same(tmp_path: Path) -> None:
    first = filled(tmp_path, range(4, 6), range(0, 3), range(6, 8))
    again = begun(tmp_path)
    first.settle()
    again.settle()
    assert again.account == first.account
    assert again.environment == first.environment == {"cpu": "made up"}
    assert again.missing() == first.missing() == [range(3, 4)]
    assert [one.leaves for one in again.parts] == [one.leaves for one in first.parts]
    assert again.damaged == []


@pytest.mark.parametrize("place", [0, 4, 1000, -1000, -5, None])
def test_a_damaged_part_counts_as_missing_and_is_told(tmp_path: Path, place: int | None) -> None:
    filled(tmp_path, range(0, 3), range(3, 8))
    (first, _) = sorted((tmp_path / PARTS).iterdir())
    data = bytearray(first.read_bytes())
    if place is None:
        del data[-20:]
    else:
        data[place] ^= 1
    first.write_bytes(data)
    journal = begun(tmp_path)
    assert journal.missing() == [range(0, 3)]
    assert journal.damaged == [first.name]
    journal.add(part(PLAN, range(0, 3)))
    assert journal.missing() == []


def test_what_was_being_written_when_the_process_ended_is_no_part(tmp_path: Path) -> None:
    filled(tmp_path, range(0, 3))
    (tmp_path / PARTS / f"000000003-000000004.{2 * '0123456789abcdef.'}parquet.partial").write_bytes(b"PAR1")
    journal = begun(tmp_path)
    assert journal.missing() == [range(3, 8)]
    assert len(list((tmp_path / PARTS).iterdir())) == 1


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (replace(HEADER_OF, plan=replace(PLAN, seed=2)), "seed 1, not 2"),
        (replace(HEADER_OF, plan=replace(PLAN, cases=5)), "cases 101, not 5"),
        (replace(HEADER_OF, plan=replace(PLAN, ops=("relu",))), 'ops [], not ["relu"]'),
        (replace(HEADER_OF, candidate="scaled"), "candidate torch.autograd, not scaled"),
        (replace(HEADER_OF, shard=(1, 2)), "shard [1, 1], not [1, 2]"),
        (replace(HEADER_OF, versions={**VERSIONS, "torch": "2.12.0"}), "torch 2.13.0, not 2.12.0"),
        (replace(HEADER_OF, versions={**VERSIONS, "source": "4567"}), "source 0123, not 4567"),
    ],
)
def test_another_campaign_or_other_versions_are_refused_and_harm_nothing(
    tmp_path: Path, header: Header, told: str
) -> None:
    filled(tmp_path, range(0, 3))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    journal = Journal(header, tmp_path)
    with pytest.raises(JournalError) as error:
        journal.begin()
    journal.close()
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_foreign_part_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    filled(tmp_path / "one", range(0, 3))
    filled(tmp_path / "two", range(3, 4), header=Header(replace(PLAN, seed=2), VERSIONS))
    (stray,) = (tmp_path / "two" / PARTS).iterdir()
    stray.rename(tmp_path / "one" / PARTS / stray.name)
    with pytest.raises(JournalError, match=rf"{stray.name}: belongs to another campaign"):
        begun(tmp_path / "one")


def test_parts_that_overlap_are_refused(tmp_path: Path) -> None:
    filled(tmp_path, range(0, 3), range(2, 4))
    with pytest.raises(JournalError, match="two parts hold chunk 2"):
        begun(tmp_path)


def test_what_is_no_part_is_left_alone(tmp_path: Path) -> None:
    filled(tmp_path, range(0, 3))
    (tmp_path / PARTS / "mine.txt").write_text("mine")
    with pytest.raises(JournalError, match=r"mine\.txt: is no part"):
        begun(tmp_path)


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    first = begun(tmp_path)
    with pytest.raises(JournalError, match="another process is at work"):
        begun(tmp_path)
    first.close()
    begun(tmp_path).close()


def test_a_worker_with_other_versions_is_refused(tmp_path: Path) -> None:
    journal = begun(tmp_path)
    with pytest.raises(JournalError, match=r"a worker: judged with torch 2\.12\.0; .* begun with 2\.13\.0"):
        journal.add(part(PLAN, range(0, 1), {**VERSIONS, "torch": "2.12.0"}))
    journal.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}', "\0"])
def test_a_header_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    filled(tmp_path, range(0, 3))
    (tmp_path / HEADER).write_text(text)
    with pytest.raises(JournalError, match=r"^[^\n]+$"):
        begun(tmp_path)


def test_a_disk_that_is_full_leaves_no_half_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = begun(tmp_path)
    journal.add(part(PLAN, range(0, 1)))

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left") as error:
            journal.add(part(PLAN, range(1, 2)))
    assert error.value.filename == str(tmp_path / PARTS)
    journal.close()
    assert begun(tmp_path).missing() == [range(1, 8)]
    assert len(list((tmp_path / PARTS).iterdir())) == 1


def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append("sync"), sync(file))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (done.append("rename"), rename(self, to))[1])
    write_durably(tmp_path / "part", b"data")
    assert done == ["sync", "rename", "sync"]
    assert (tmp_path / "part").read_bytes() == b"data"


def test_a_folder_with_a_campaign_asks_for_resume(tmp_path: Path) -> None:
    filled(tmp_path, range(0, 3))
    for replaced in (True, False):
        with pytest.raises(FolderError, match="not finished; go on with --resume"):
            Folder(tmp_path, replaced)
    assert not Folder(tmp_path, replace=False, resume=True).finished


@pytest.mark.parametrize("ends", ["PARTS", "HEADER"])
def test_a_journal_that_is_half_removed_is_no_campaign(
    tmp_path: Path, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, range(0, 8))
    (tmp_path / "report.json").write_text("{}")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink" if ends == "HEADER" else "rmdir", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retire(tmp_path)
    assert Folder(tmp_path, replace=False, resume=True).finished
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


# --- the account ---


def test_the_first_failing_cases_are_named_and_all_are_counted() -> None:
    plan = Plan(cases=4 * NAMED, dtypes=("float64",), profile="median-small")
    one, two = Account(), Account()
    for index in range(3 * NAMED):
        (two if index < NAMED // 2 else one).add(row(plan, f"float64/{index}"))
    one.merge(two)
    one.trim(plan.order)
    assert [r["case"] for r in one.failing[:3]] == ["float64/2", "float64/5", "float64/8"]
    assert len(one.failing) <= NAMED
    assert next(iter(one.poisoned)) == "float64/6"
    assert one.cases == 3 * NAMED


# --- shards ---


def shards(path: Path, of: int = 3) -> list[Path]:
    folders = []
    for number in range(1, of + 1):
        header = replace(HEADER_OF, shard=(number, of))
        folders.append(path / str(number))
        folders[-1].mkdir(parents=True)
        filled(folders[-1], header.chunks, header=header)
    return folders


def test_shards_join_into_the_outcome_of_one_run(tmp_path: Path) -> None:
    whole = Journal(HEADER_OF)
    whole.add(part(PLAN, range(PLAN.units)))
    whole.settle()
    one, joined = outcome_of(whole), join(shards(tmp_path)[::-1])
    assert joined.identity == one.identity
    assert joined.plan == one.plan
    assert joined.account == one.account
    assert joined.environment == one.environment


def test_shards_that_do_not_fit_are_refused_by_name(tmp_path: Path) -> None:
    one, two, three = shards(tmp_path)
    with pytest.raises(JournalError, match=r"shard 2/3 is missing"):
        join([one, three])
    with pytest.raises(JournalError, match=r"1: shard 1/3 is there twice: in .*1, too"):
        join([one, two, three, one])
    other = tmp_path / "other"
    other.mkdir()
    filled(other, range(0, 3), header=Header(replace(PLAN, seed=2), VERSIONS, shard=(3, 3)))
    with pytest.raises(JournalError, match=r"other: not of the campaign of .*1: seed 2, not 1"):
        join([one, two, other])
    with pytest.raises(JournalError, match="holds no campaign"):
        join([tmp_path])
    halves = shards(tmp_path / "halves", 2)
    with pytest.raises(JournalError, match=r"1: is shard 1/2; .*1 is one of 3"):
        join([one, halves[0], three])
    next((two / PARTS).iterdir()).unlink()
    with pytest.raises(JournalError, match=r"2: shard 2/3 lacks 3 of its 3 chunks"):
        join([one, two, three])


def test_the_header_says_what_the_campaign_is(tmp_path: Path) -> None:
    filled(tmp_path, range(0, 1))
    assert read_header(tmp_path) == HEADER_OF
