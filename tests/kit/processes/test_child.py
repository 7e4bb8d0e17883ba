from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from bot.errors import ChildError
from bot.kit.processes.child import Child, Message, environment_of_child
from bot.kit.processes.resource_limits import Limits, ran_out_of_memory
from tests.child_processes import few_files
from tests.fakes.clock import until
from tests.kit.test_secrets import JWT
from tests.patience import PATIENCE

PARROT = "tests.kit.processes.echo_child"
SECRETS = {
    "DISCORD_TOKEN", "TELEGRAM_TOKEN", "HTTP_PASSWORD", "HTTP_PASSWORD_FILE", "MINTCAST_HTTP__HOST",
    "HTTPS_PROXY", "all_proxy", "AWS_SECRET_ACCESS_KEY", "LIVEKIT_LIB_PATH", "PYTHONSTARTUP",
}  # fmt: skip
STRANGERS = (
    "bot", "av", "livekit", "numpy", "secrets", "copy", "inspect", "select", "json", "asyncio",
    "typing", "contextlib", "runpy", "pathlib", "PIL", "resource",
)  # fmt: skip


async def expect(child: Child, name: str) -> Message:
    """The next event, which must be called `name`."""
    async with asyncio.timeout(PATIENCE):
        event = await child.next_event()
    assert event is not None, child.last_words
    assert event["event"] == name, event
    return event


@pytest.fixture
async def parrot() -> AsyncIterator[Child]:
    child = await Child.spawn(PARROT)
    await expect(child, "ready")
    yield child
    await child.stop()


async def test_a_child_is_a_module_with_arguments_and_an_environment() -> None:
    child = await Child.spawn(PARROT, "--loud", env={"PARROT": "polly"})
    ready = await expect(child, "ready")
    assert ready["pid"] == child.pid != os.getpid()
    assert ready["arguments"] == ["--loud"]
    assert ready["environment"]["PARROT"] == "polly"
    await child.stop()


async def test_a_child_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row C1: what decodes others' bytes has nothing to give away."""
    for name in SECRETS:
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("LC_TIME", "C.UTF-8")
    child = await Child.spawn(PARROT)
    ready = await expect(child, "ready")
    environ = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"hunter2" not in environ
    assert not SECRETS & ready["environment"].keys()
    assert ready["environment"]["LC_TIME"] == "C.UTF-8"
    assert ready["environment"]["PATH"] == os.environ["PATH"]
    await child.stop()


async def test_where_no_more_files_can_be_open_it_is_a_child_error() -> None:
    """However far it came; and nothing stays open of it."""
    before, refused = open_files(), []
    for spare in range(20):
        with few_files(spare):
            try:
                child = await Child.spawn(PARROT)
            except ChildError as error:
                refused.append(str(error))
            else:
                await child.stop()
                break
    assert len(refused) >= 2
    assert all("Too many open files" in words for words in refused)
    assert open_files() <= before


async def test_where_no_more_threads_can_run_it_is_a_child_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before Python 3.12 asyncio waits for a child's end on a thread."""

    async def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    before = open_files()
    monkeypatch.setattr(asyncio, "create_subprocess_exec", refuse)
    with pytest.raises(ChildError, match="could not be started: can't start new thread"):
        await Child.spawn(PARROT)
    await until(lambda: open_files() <= before)


async def test_what_a_child_holds_never_becomes_a_core_file(parrot: Child) -> None:
    assert psutil.Process(parrot.pid).rlimit(psutil.RLIMIT_CORE) == (0, 0)


def open_files() -> set[str]:
    """Of this process, but for the one that says so."""
    return {fd.name for fd in Path("/proc/self/fd").iterdir() if fd.exists()}


def strangers(folder: Path) -> None:
    """Files of the user's that are called as modules are."""
    for name in STRANGERS:
        (folder / f"{name}.py").write_text("raise SystemExit('a stranger was run')\n")


@pytest.mark.parametrize("path", [None, "", f".{os.pathsep}", os.pathsep])
async def test_a_child_runs_no_file_of_the_current_folder(
    path: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row C2. An empty entry of PYTHONPATH means the current folder, too."""
    strangers(tmp_path)
    monkeypatch.chdir(tmp_path)
    if path is not None:
        monkeypatch.setenv("PYTHONPATH", path)
    child = await Child.spawn(PARROT)
    await expect(child, "ready")
    await child.stop()


def test_what_is_absolute_on_the_path_of_imports_is_passed_on() -> None:
    path = os.pathsep.join(["", "/opt/packages", "relative", "/opt/more"])
    passed = environment_of_child({"PYTHONPATH": path})
    assert passed == {"PYTHONPATH": os.pathsep.join(["/opt/packages", "/opt/more"])}


def test_the_program_as_a_module_runs_no_file_of_the_current_folder(tmp_path: Path) -> None:
    strangers(tmp_path)
    for name in ("bot", "contextlib"):  # Python itself would run these before anything of ours
        (tmp_path / f"{name}.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "live", "nothing"], cwd=tmp_path, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert "stranger" not in done.stderr
    assert done.returncode == 2


async def test_a_child_that_takes_more_memory_than_it_may_is_given_none(parrot: Child) -> None:
    parrot.limit(Limits(memory=256 << 20, cpu=60))
    await parrot.send("hoard", bytes=1 << 20)
    await expect(parrot, "hoarded")
    await parrot.send("hoard", bytes=256 << 20)
    async with asyncio.timeout(PATIENCE):
        assert await parrot.next_event() is None
    await parrot.stop()
    assert ran_out_of_memory(parrot.last_words)


async def test_a_child_that_takes_more_processor_time_than_it_may_is_ended(parrot: Child) -> None:
    parrot.limit(Limits(memory=1 << 30, cpu=1))
    await parrot.send("burn")
    assert await parrot.wait() == "SIGXCPU"


async def test_limits_are_only_ever_lowered(parrot: Child) -> None:
    parrot.limit(Limits(memory=256 << 20, cpu=60))
    parrot.limit(Limits(memory=1 << 40, cpu=6000))
    process = psutil.Process(parrot.pid)
    assert process.rlimit(psutil.RLIMIT_DATA) == (256 << 20, 256 << 20)
    assert process.rlimit(psutil.RLIMIT_CPU)[0] <= 65


async def test_what_was_named_as_the_most_can_be_given_later(parrot: Child) -> None:
    most = Limits(memory=256 << 20, cpu=600)
    for cpu, seconds in ((60, 60), (120, 120), (6000, 605)):
        parrot.limit(Limits(memory=256 << 20, cpu=cpu), most)
        assert psutil.Process(parrot.pid).rlimit(psutil.RLIMIT_CPU) == (seconds, 605)


async def test_the_dead_need_no_limits(parrot: Child) -> None:
    parrot.kill()
    await parrot.wait()
    parrot.limit(Limits(memory=1, cpu=1))


async def test_what_is_sent_is_answered_in_order_and_letter_by_letter(parrot: Child) -> None:
    words = ["", "two\nlines", "“quoted” \\ \x00 ✓", "x" * 100_000]
    for word in words:
        await parrot.send("say", word=word)
    assert [(await expect(parrot, "said"))["word"] for _ in words] == words


async def test_the_end_of_stdin_is_the_end_of_the_child(parrot: Child) -> None:
    assert parrot.alive
    await parrot.stop()
    assert not parrot.alive
    assert await parrot.wait() == "exit 0"


async def test_stopping_again_or_at_the_same_time_changes_nothing(parrot: Child) -> None:
    await asyncio.gather(parrot.stop(), parrot.stop())
    await parrot.stop()
    assert await parrot.wait() == "exit 0"


async def test_what_it_says_last_is_heard_to_the_end() -> None:
    child = await Child.spawn(PARROT)
    await child.send("say", word="one")
    await child.send("exit", code=7)
    async with asyncio.timeout(PATIENCE):
        told = [event["event"] async for event in child.events()]
    assert told == ["ready", "said"]
    assert await child.wait() == "exit 7"
    await child.stop()


async def test_a_child_that_does_not_listen_is_killed(parrot: Child) -> None:
    await parrot.send("be-deaf")
    await expect(parrot, "deaf")
    await parrot.stop(grace=0.1)
    assert await parrot.wait() == "SIGKILL"


async def test_a_stop_that_is_cancelled_kills_at_once(parrot: Child) -> None:
    await parrot.send("be-deaf")
    await expect(parrot, "deaf")
    stopping = asyncio.create_task(parrot.stop(grace=60))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert not parrot.alive


async def test_a_death_is_told_by_its_signal(parrot: Child) -> None:
    psutil.Process(parrot.pid).kill()
    async with asyncio.timeout(PATIENCE):
        assert await parrot.next_event() is None
        assert await parrot.wait() == "SIGKILL"


async def test_nobody_can_speak_to_the_dead(parrot: Child) -> None:
    parrot.kill()
    await parrot.wait()
    with pytest.raises(ChildError):
        await parrot.send("say", word="x" * 1_000_000)


async def test_what_it_prints_is_kept_and_does_not_mix_with_what_it_says(parrot: Child) -> None:
    await parrot.send("print", text="a line")
    await expect(parrot, "printed")
    await parrot.stop()
    assert parrot.last_words.splitlines()[-2:] == ["a line", "and on the other"]


async def test_only_the_last_lines_are_kept_and_long_ones_are_cut(parrot: Child) -> None:
    await parrot.send("print", text="\n".join(f"line {n} {'-' * 500}" for n in range(300)))
    await expect(parrot, "printed")
    await parrot.stop()
    lines = parrot.last_words.splitlines()
    assert len(lines) == 20
    assert all(len(line) <= 400 for line in lines)
    assert lines[-2].startswith("line 299 ")


async def test_a_token_that_it_prints_is_not_kept(parrot: Child) -> None:
    await parrot.send("print", text=f"invalid token: {JWT}")
    await expect(parrot, "printed")
    await parrot.stop()
    assert "invalid token: [token]" in parrot.last_words
    assert JWT.split(".")[1] not in parrot.last_words


async def test_a_token_that_comes_in_two_pieces_is_not_kept_either(parrot: Child) -> None:
    """A pipe may be read in the middle of a line."""
    filler = "." * ((1 << 14) - len(JWT) // 2)
    await parrot.send("write", text=f"{filler} {JWT}\n")
    await expect(parrot, "written")
    await parrot.stop()
    kept = parrot.last_words
    assert not any(JWT[at : at + 20] in kept for at in range(len(JWT) - 20))


async def test_a_line_beyond_all_measure_ends_the_talk(parrot: Child) -> None:
    await parrot.send("say", word="x" * (3 << 20))
    async with asyncio.timeout(PATIENCE):
        assert await parrot.next_event() is None


async def test_a_module_that_there_is_not_ends_by_itself_and_says_why() -> None:
    child = await Child.spawn("tests.kit.no_such_module")
    async with asyncio.timeout(PATIENCE):
        assert await child.next_event() is None
        assert await child.wait() == "exit 1"
    await child.stop()
    assert "No module named" in child.last_words


async def test_ctrl_c_in_our_terminal_does_not_reach_it(parrot: Child) -> None:
    assert os.getpgid(parrot.pid) == parrot.pid != os.getpgid(0)


async def test_a_nice_value_counts_for_it_too(parrot: Child) -> None:
    """Linux shares the processor among sessions first."""
    assert os.getsid(parrot.pid) == os.getsid(0)


async def test_children_leave_no_file_open() -> None:
    process, counts = psutil.Process(), []
    for _ in range(3):
        child = await Child.spawn(PARROT)
        await expect(child, "ready")
        await child.stop()
        counts.append(process.num_fds())
    assert counts[0] == counts[-1]


PARENT = """
import asyncio, json, sys
from bot.kit.processes.child import Child
async def main():
    child = await Child.spawn("tests.kit.processes.echo_child")
    await child.next_event()
    if sys.argv[1] == "deaf":
        await child.send("be-deaf")
        await child.next_event()
    print(json.dumps(child.pid), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("how", ["listening", "deaf"])
def test_a_child_does_not_outlive_a_parent_that_is_killed(how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, how], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(json.loads(parent.stdout.readline()))
        parent.kill()
        parent.wait(PATIENCE)
    child.wait(PATIENCE)
    assert not child.is_running()
