"""The postcode table: the one that ships, and what is taken from the publishers' files, whole and broken."""

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from metengage import areas, postcodes
from metengage.models import Postcode
from metengage.postcodes import FileRefused, import_postcodes
from tests import cast
from tests.conftest import shared

OLD_NAMES, NEW_NAMES = "onspd_format_sample_old_names.csv", "onspd_format_sample_2025_names.csv"
HEADER, *ROWS = csv.reader(shared(NEW_NAMES).read_text(encoding="utf-8").splitlines())
ENDED, BOROUGH, WARD = HEADER.index("doterm"), HEADER.index("lad25cd"), HEADER.index("wd25cd")
SM4_6LJ = next(row for row in ROWS if row[2] == "SM4 6LJ")

pytestmark = pytest.mark.usefixtures("database")


def lines(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def code_point(rows: list[list[str]] = ROWS) -> str:
    """The same postcodes as Code-Point Open has them: ten columns, no header, the postcode seven wide."""
    return lines(
        [f"{row[2][:-4]:4}{row[2][-3:]}", "10", row[11], row[12], "E92000001", "", "", "", row[BOROUGH], row[WARD]]
        for row in rows
    )


@pytest.fixture
def file(tmp_path):
    """A file with this in it; bytes, text, or a zip's names and texts."""

    def file(content: bytes | str | dict[str, str], name: str = "postcodes.csv") -> Path:
        path = tmp_path / name
        if isinstance(content, dict):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for inner, text in content.items():
                    archive.writestr(inner, text)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return file


def table() -> dict[str, tuple[str, bool]]:
    return {row.postcode: (row.ward_id, row.is_live) for row in Postcode.select()}


EXPECTED = {row[2].replace(" ", ""): (row[WARD], True) for row in ROWS if row[BOROUGH].startswith("E09")}
WHOLE = shared(NEW_NAMES).read_text(encoding="utf-8")


# --- The one that ships ---


def test_the_shipped_table_has_every_live_postcode_of_london():
    seen = []
    assert postcodes.load_postcodes(lambda *done: seen.append(done)) == 180_754
    assert Postcode.select().where(Postcode.is_live).count() == 180_754
    assert (len(seen) > 10, seen[-1]) == (True, (180_754, 180_754))
    assert areas.find_postcode("SW1A 0AA").kind == areas.Found.NOT_STARTED


def test_a_load_that_is_stopped_in_the_middle_leaves_the_old_table():
    before = table()

    def stop(*_done) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        postcodes.load_postcodes(stop)
    assert table() == before


# --- What the publishers' files hold ---


@pytest.mark.parametrize("name", [OLD_NAMES, NEW_NAMES])
def test_both_headers_of_the_onspd_are_understood(name):
    report = import_postcodes(shared(name))
    assert table() == EXPECTED
    assert (report.read, report.taken, report.outside_london, report.unknown_wards) == (130, 127, 3, Counter())


@pytest.mark.parametrize(
    ("was", "now"),
    [("wd25cd", "wd26cd"), ("lad25cd", "lad27cd"), ("pcd7,pcd8,pcds", "pcd7,pcd8,else"), ("wd25cd", " WD25CD ")],
)
def test_next_year_s_header_is_understood_too(file, was, now):
    import_postcodes(file(WHOLE.replace(was, now, 1)))
    assert table() == EXPECTED


def test_the_nspl_is_understood(file):
    header = [{"lad25cd": "laua", "wd25cd": "ward"}.get(column, column) for column in HEADER]
    import_postcodes(file({"Data/NSPL_NOV_2025_UK.csv": lines([header, *ROWS])}, "nspl.zip"))
    assert table() == EXPECTED


def test_code_point_open_needs_no_header(file):
    report = import_postcodes(file(code_point()))
    assert table() == EXPECTED
    assert report.read == 130


def test_code_point_open_comes_in_a_zip_by_area(file):
    inner = {
        f"Data/CSV/{area}.csv": code_point([r for r in ROWS if r[2].startswith(area.upper())]) for area in ("kt", "sm")
    }
    report = import_postcodes(file(inner | {"Doc/headers.csv": "PC,PQ", "Doc/licence.txt": "OGL"}, "codepo_gb.zip"))
    assert set(table()) == {postcode for postcode in EXPECTED if postcode[:2] in ("KT", "SM")}
    assert report.read == sum(row[2][:2] in ("KT", "SM") for row in ROWS)


def test_the_onspd_comes_in_a_zip_that_has_every_row_twice(file):
    parts = {f"Data/multi_csv/ONSPD_NOV_2025_UK_{area}.csv": lines([HEADER, SM4_6LJ]) for area in ("KT", "SM", "TW")}
    whole = {"Data/ONSPD_NOV_2025_UK.csv": WHOLE, "Documents/Ward names.csv": "WD25CD,WD25NM"}
    assert import_postcodes(file(parts | whole, "ONSPD_NOV_2025.zip")).read == 130
    assert table() == EXPECTED


def test_a_mark_at_the_beginning_is_no_part_of_the_first_name(file):
    import_postcodes(file("\ufeff" + WHOLE))
    assert table() == EXPECTED


def test_old_rows_make_room_for_new_ones(file):
    import_postcodes(file(lines([HEADER, SM4_6LJ])))
    assert table() == {"SM46LJ": (cast.ST_HELIER, True)}


def test_ended_postcodes_are_kept_and_flagged(file):
    ended = [*SM4_6LJ[:ENDED], "202403", *SM4_6LJ[ENDED + 1 :]]
    report = import_postcodes(file(lines([HEADER, ended])))
    assert table() == {"SM46LJ": (cast.ST_HELIER, False)}
    assert (report.taken, report.ended) == (1, 1)


def test_rows_in_unknown_wards_are_counted_and_not_taken(file):
    moved = [
        [*row[:WARD], ward, *row[WARD + 1 :]] for row, ward in zip(ROWS, ("E05999999", "E05999999", ""), strict=False)
    ]
    report = import_postcodes(file(lines([HEADER, *moved, SM4_6LJ])))
    assert report.unknown_wards == {"E05999999": 2, "(none)": 1}
    assert (report.taken, set(table())) == (1, {"SM46LJ"})


def test_progress_is_shown_to_the_end():
    seen = []
    import_postcodes(shared(NEW_NAMES), lambda *done: seen.append(done))
    size = shared(NEW_NAMES).stat().st_size
    assert seen[-1] == (size, size)
    assert seen == sorted(seen)


# --- What is refused: the old table stays ---


@pytest.fixture
def refused():
    """That a file is refused and changes nothing; the sentence that says why."""

    def refused(path: Path) -> str:
        before = table()
        with pytest.raises(FileRefused) as refusal:
            import_postcodes(path)
        assert table() == before
        return str(refusal.value)

    return refused


@pytest.mark.parametrize(
    ("was", "now"), [("wd25cd", "wardname"), ("lad25cd", "council"), ("pcd7,pcd8,pcds", "a,b,c"), (HEADER[0], '"')]
)
def test_a_header_without_a_column_it_needs_is_refused_and_told_what_was_expected(file, refused, was, now):
    words = refused(file(WHOLE.replace(was, now, 1)))
    assert [word for word in ("pcds", "osward", "wd25cd", "oslaua", "lad25cd", "Code-Point") if word not in words] == []
    assert words.endswith("The old table stays.")


@pytest.mark.parametrize(
    "content", ["Dear Bryn,\nhello\n", "<!DOCTYPE html>\n<html>", '{"type": "FeatureCollection"}', "\n"]
)
def test_what_is_no_postcode_file_is_refused(file, refused, content):
    assert "Expected a header" in refused(file(content))


def test_an_empty_file_is_refused(file, refused):
    assert "empty" in refused(file(""))


def test_bytes_that_are_no_text_are_refused(file, refused):
    assert "cannot be read" in refused(file(b"\x89PNG\r\n\x1a\n\xff\xfe\x00"))


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_csv_cut_in_the_middle_is_refused(file, refused, share):
    rows = WHOLE.splitlines(keepends=True)
    whole_lines = "".join(rows[: int(len(rows) * share)])
    assert "cut off" in refused(file(whole_lines + rows[int(len(rows) * share)][:40]))


def test_code_point_open_cut_in_the_middle_is_refused(file, refused):
    assert "cut off" in refused(file(code_point()[:-30]))


def test_one_cut_part_of_a_zip_spoils_the_whole(file, refused):
    inner = {"Data/CSV/kt.csv": code_point(), "Data/CSV/sm.csv": code_point()[:-30]}
    assert "sm.csv" in refused(file(inner, "codepo_gb.zip"))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_a_zip_cut_in_the_middle_is_refused(file, refused, share):
    whole = file({"Data/ONSPD_NOV_2025_UK.csv": WHOLE}, "whole.zip").read_bytes()
    assert refused(file(whole[: int(len(whole) * share)], "cut.zip")).endswith("The old table stays.")


def test_a_zip_with_one_wrong_letter_is_refused_for_its_checksum(file, refused, tmp_path):
    with zipfile.ZipFile(tmp_path / "stored.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("Data/ONSPD_NOV_2025_UK.csv", WHOLE)
    content = (tmp_path / "stored.zip").read_bytes()
    assert "cannot be read to its end" in refused(file(content.replace(b"SM4 6LJ", b"SM4 6LH"), "damaged.zip"))


@pytest.mark.parametrize("word", ["", "Morden", "SM4 6LJJ", "SM46LJ SM46LJ SM46LJ"])
def test_a_row_without_a_postcode_is_refused(file, refused, word):
    row = [*SM4_6LJ[:2], word, *SM4_6LJ[3:]]
    assert f"“{word}” where a postcode should be" in refused(file(lines([HEADER, row])))


def test_a_zip_of_something_else_is_refused(file, refused):
    assert "Code-Point Open’s CSV folder" in refused(file({"readme.txt": "hello"}, "other.zip"))


def test_a_file_without_london_is_refused(file, refused):
    surrey = [row for row in ROWS if not row[BOROUGH].startswith("E09")]
    assert "no London postcode" in refused(file(lines([HEADER, *surrey])))


# --- The command ---


def test_the_command_says_what_it_took_and_what_not(app, file):
    odd = [[*row[:WARD], "E05999999", *row[WARD + 1 :]] for row in ROWS[:2]]
    done = app.test_cli_runner().invoke(args=["postcodes", "import", str(file(lines([HEADER, *odd, *ROWS[2:]])))])
    assert done.exit_code == 0
    assert "Read 130 rows, took 125 postcodes (0 of them ended)." in done.output
    assert "Not taken: 3 outside London, 2 in unknown wards." in done.output
    assert "unknown ward E05999999: 2 rows" in done.output


def test_the_command_warns_of_a_table_that_became_much_smaller(app, file):
    done = app.test_cli_runner().invoke(args=["postcodes", "import", str(file(lines([HEADER, SM4_6LJ])))])
    assert "Careful: there were 133 before" in done.output


def test_the_command_refuses_in_a_sentence(app, file):
    done = app.test_cli_runner().invoke(args=["postcodes", "import", str(file("Dear Bryn,\n"))])
    assert done.exit_code == 1
    assert "Error: postcodes.csv is not a postcode directory. Expected" in done.output


def test_the_command_needs_a_file_that_is_there(app, tmp_path):
    done = app.test_cli_runner().invoke(args=["postcodes", "import", str(tmp_path / "nowhere.csv")])
    assert done.exit_code == 2
