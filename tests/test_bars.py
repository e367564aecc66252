import queue
from typing import Any

import pytest

from pipeline import bars
from pipeline.bars import Announced, MailedReport


def test_reports_arrive_with_the_place_of_their_task() -> None:
    mail: queue.Queue[Any] = queue.Queue()
    report = MailedReport(mail, 3)
    report()
    report(5, "note")
    report.begin()
    assert [mail.get() for _ in range(3)] == [(3, 1, ""), (3, 5, "note"), (3, None, "")]


def test_a_task_announces_itself_before_it_begins() -> None:
    mail: queue.Queue[Any] = queue.Queue()
    function = Announced(lambda task, report: (task, report.index, mail.qsize()))
    assert function("task", MailedReport(mail, 2)) == ("task", 2, 1)
    assert mail.get() == (2, None, "")


def test_the_bar_of_a_task_that_begins_again_starts_again(capsys: pytest.CaptureFixture[str]) -> None:
    mail: queue.Queue[Any] = queue.Queue()
    first, second = MailedReport(mail, 0), MailedReport(mail, 1)
    with bars.bars_of(["first", "second"], 4, mail):
        first.begin()
        first(3, "lost")
        second.begin()
        second(4, "done")
        first.begin()
        first(2, "again")
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "2/4" in lines["first"]
    assert "again" in lines["first"]
    assert "4/4" in lines["second"]


def test_a_mailbox_passes_messages_on_in_this_process_and_between_processes() -> None:
    for in_process in (True, False):
        with bars.mailbox(in_process=in_process) as mail:
            mail.put((0, 1, "note"))
            assert mail.get() == (0, 1, "note")
