"""Files over the API: what is taken, under which name, who reads it, and that nothing of it runs."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest
from sqlalchemy import select

from ticketing.core import clock, files
from ticketing.core.db import db, transaction
from ticketing.core.files import Shelf, Upload
from ticketing.tickets import ledger
from ticketing.tickets.actions import attaching
from ticketing.tickets.models import Attachment
from ticketing.tickets.words import State

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(20)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def packed(*names: str) -> bytes:
    """Return a zip with members of these names."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")
GOOD = [
    ("现场.png", PNG),
    ("合同.PDF", PDF),
    ("旧表.xls", OLE),
    ("说明.docx", DOCX),
    ("表.xlsx", packed("xl/workbook.xml")),
    ("公文.ofd", packed("OFD.xml", "Doc_0/Document.xml")),
    ("备注.txt", "变压器型号".encode()),
    ("备注.txt", "变压器型号".encode("gb18030")),
]
BAD = [
    ("page.html", HTML),
    ("pic.svg", SVG),
    ("pic.png", SVG),
    ("pic.png", HTML),
    ("run.exe", b"MZ" + bytes(100)),
    ("run.pdf", b"MZ" + bytes(100)),
    ("paper.pdf.exe", PDF),
    ("paper.pdf", PNG),
    ("old.doc", b"not ole"),
    ("macro.doc", OLE + "_VBA_PROJECT".encode("utf-16-le")),
    ("macro.docm", DOCX),
    ("macro.docx", packed("word/document.xml", "word/vbaProject.bin")),
    ("archive.zip", packed("a.txt")),
    ("archive.docx", packed("a.txt")),
    ("broken.docx", DOCX[:40]),
    ("table.xlsx", DOCX),
    ("binary.txt", b"\x00\x01\x02"),
    ("empty.txt", b""),
    ("noextension", PDF),
    ("", PDF),
]


def send(caller, number, name, content, **fields):
    return caller.post(
        f"/tickets/{number}/attachments",
        data={"file": (io.BytesIO(content), name), **fields},
        content_type="multipart/form-data",
    )


@pytest.mark.parametrize(("name", "content"), GOOD, ids=range(len(GOOD)))
def test_a_file_goes_in_and_comes_out(by, world, name, content):
    number = by.enterprise.file()

    made = send(by.enterprise, number, name, content)
    found = by.clerk.get(f"/attachments/{made.json['id']}")

    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/api/v1/attachments/{made.json['id']}"
    assert made.json["name"] == name
    assert found.data == content
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in found.headers["Content-Security-Policy"]
    assert found.content_type == "application/octet-stream"
    ticket = by.enterprise.get(f"/tickets/{number}").json
    assert (ticket["version"], ticket["attachments"]) == (2, [made.json])
    assert by.enterprise.get(f"/tickets/{number}/events").json["items"][1]["data"] == {"name": name}
    assert list(ledger.verify()) == []


@pytest.mark.parametrize(("name", "content"), BAD, ids=range(len(BAD)))
def test_what_is_not_taken_leaves_no_trace(by, world, site, name, content):
    number = by.enterprise.file()

    answer = send(by.enterprise, number, name, content)

    assert answer.status_code == 422
    assert "file" in answer.json["errors"]
    assert by.enterprise.get(f"/tickets/{number}").json["version"] == 1
    assert stored(site) == []


def stored(site):
    return [path for path in (site.config.var_dir / "attachments").rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\表.txt", "表.txt"),
        ("a\x00b.txt", "a b.txt"),
        ("photo\u202egnp.txt", "photognp.txt"),
        ('a"b<c>.txt', "a_b_c_.txt"),
        ("....txt", "txt"),
        (" .txt", "txt"),
        ("字" * 200 + ".txt", "字" * 58 + ".txt"),
        ("CON.txt", "CON.txt"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert files.clean_name(given) == kept


def test_bytes_lie_under_a_random_name_for_few_eyes(by, site):
    number = by.enterprise.file()

    token = send(by.enterprise, number, "现场.png", PNG).json["id"]

    (path,) = stored(site)
    assert path.name == token
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_a_file_that_is_too_large_is_413(by, make_app, world):
    number = by.enterprise.file()
    small = make_app(attachment_max_bytes=2048)
    headers = {"Authorization": f"Bearer {by.enterprise.token}"}

    answer = small.test_client().post(
        f"/api/v1/tickets/{number}/attachments",
        data={"file": (io.BytesIO(PNG + bytes(2048)), "a.png")},
        headers=headers,
    )

    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_ten_files_and_no_more(by):
    number = by.enterprise.file()
    for n in range(10):
        assert send(by.enterprise, number, f"{n}.txt", b"x").status_code == 201

    assert send(by.enterprise, number, "11.txt", b"x").status_code == 422


def test_the_form_holds_one_file_and_nothing_unknown(by):
    number = by.enterprise.file()
    path = f"/tickets/{number}/attachments"

    assert by.enterprise.post(path, {"file": "x"}).status_code == 415
    assert by.enterprise.post(path, data={"file": "text"}).status_code == 415
    answer = by.enterprise.post(path, data={"file": "text"}, content_type="multipart/form-data")
    assert answer.json["errors"].keys() == {"file"}
    answer = send(by.enterprise, number, "a.txt", b"x", is_internal="maybe", colour="red")
    assert answer.json["errors"].keys() == {"is_internal", "colour"}


def test_an_internal_file_is_not_for_the_company(by, world):
    number = world.ticket(State.PROCESSING)

    made = send(by.dept, number, "内部意见.txt", b"x", is_internal="true").json

    assert made["is_internal"]
    assert by.deptlead.get(f"/attachments/{made['id']}").status_code == 200
    assert by.enterprise.get(f"/attachments/{made['id']}").status_code == 404
    seen = by.enterprise.get(f"/tickets/{number}").json
    assert seen["attachments"] == []
    assert "attach" not in [
        one["action"] for one in by.enterprise.get(f"/tickets/{number}/events").json["items"]
    ]
    assert not send(by.enterprise, number, "a.txt", b"x", is_internal="true").json["is_internal"]


def test_files_of_others_and_on_ended_tickets_are_refused(by, world):
    number = world.ticket(State.CLOSED)

    assert send(by.enterprise2, number, "a.txt", b"x").status_code == 404
    assert send(by.auditor, number, "a.txt", b"x").status_code == 403
    assert send(by.enterprise, number, "a.txt", b"x").status_code == 409
    token = send(by.enterprise, by.enterprise.file(), "a.txt", b"x").json["id"]
    assert by.enterprise2.get(f"/attachments/{token}").status_code == 404
    assert by.policy.get(f"/attachments/{token}").status_code == 404


def test_files_of_a_confidential_request_are_for_those_who_may_read_its_contact(by, world):
    number = world.ticket(State.PROCESSING, kind="violation_report")
    token = send(by.enterprise, number, "证据.txt", b"x").json["id"]

    assert by.clerk.get(f"/attachments/{token}").status_code == 200
    assert by.deptlead.get(f"/attachments/{token}").status_code == 404
    assert by.deptlead.get(f"/tickets/{number}").json["attachments"] == []


def test_the_same_file_with_the_same_key_is_added_once(by):
    number = by.enterprise.file()

    answers = [
        by.enterprise.post(
            f"/tickets/{number}/attachments", data={"file": (io.BytesIO(PNG), "a.png")}, key="once"
        )
        for _ in range(2)
    ]

    assert answers[0].data == answers[1].data
    assert len(by.enterprise.get(f"/tickets/{number}").json["attachments"]) == 1


def test_bytes_go_when_the_row_does_not_stay(world, site):
    number = world.ticket(State.PROCESSING)
    shelf = Shelf(site.config.var_dir / "attachments", 1 << 20)

    def attach_and_fail():
        with transaction():
            attaching.attach(world.actor("dept"), number, Upload("a.txt", b"x"), shelf=shelf, now=clock.now())
            assert len(stored(site)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attach_and_fail()

    assert stored(site) == []
    assert db.session.scalars(select(Attachment)).all() == []


def test_a_person_downloads_from_the_page(by, world, app):
    token = send(by.enterprise, by.enterprise.file(), "a.txt", b"x").json["id"]

    answer = app.test_client().get(f"/attachments/{token}")

    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]
