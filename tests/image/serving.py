"""What must be true of `mintcast run` in a container. Each check says what it saw."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.image.building import Image
from tests.image.checks import PASSWORD, new_data
from tests.image.container import Container, run

_STOP_SECONDS = 8.0
_LOCAL_FAULT, _SETTINGS_WRONG = 1, 78


@contextmanager
def service(image: Image, data: Path) -> Iterator[Container]:
    """The image's own command, once it answers."""
    command = (*image.config["Entrypoint"], *image.config["Cmd"])
    with run(image, *command, data=data, environment={"HTTP_PASSWORD": PASSWORD}) as container:
        container.wait_until_it_is_well()
        yield container


def answers_for_its_health_without_a_password(container: Container) -> str:
    """On an address of its own, as through a published port."""
    status, body = container.get("/healthz")
    assert status == 200, f"{status} {body!r}"
    return "/healthz 200"


def asks_for_the_password(container: Container) -> str:
    """For all else."""
    seen = {
        path: (container.get(path)[0], container.get(path, "wrong")[0])
        for path in ("/", "/metrics")
    }
    assert set(seen.values()) == {(401, 401)}, str(seen)
    return "/ and /metrics 401 without it, 401 with a wrong one"


def shows_the_page(container: Container) -> str:
    """To who knows the password, with all the files that it names."""
    status, body = container.get("/", PASSWORD)
    assert status == 200, f"{status} {body!r}"
    named = re.findall(r'(?:src|href)="([^"#:]+)"', body.decode())
    seen = {path: container.get(f"/{path}", PASSWORD)[0] for path in named}
    assert seen, body[:200]
    assert set(seen.values()) == {200}, str(seen)
    return f"/ 200 with the password, and so {', '.join(seen)}"


def is_found_healthy(container: Container) -> str:
    """By the image's health check, which fails where nothing listens."""
    found = container.run(*container.image.health_check)
    assert found.returncode == 0, found.stdout
    with (
        new_data(container.image.user) as data,
        run(container.image, *container.image.health_check, data=data) as idle,
    ):
        assert idle.wait() == 1, idle.last_words
    return "0 here, 1 where nothing listens"


def runs_nothing_as_root(container: Container) -> str:
    """The service is the first process, and has its spare worker beside it."""
    users = container.processes()
    assert container.pid in users, str(users)
    assert set(users.values()) == {container.image.user[0]} - {0}, str(users)
    assert len(users) > 1, "no spare worker"
    return f"{len(users)} processes, all of user {container.image.user[0]}"


def keeps_its_database_in_the_volume(container: Container) -> str:
    """Beside its clips; the rest of the image cannot be written."""
    found = sorted(path.name for path in Path(f"/proc/{container.pid}/root/data").iterdir())
    assert "mintcast.db" in found, str(found)
    return ", ".join(found)


def ends_on_sigterm(container: Container) -> str:
    """Clean, and in time for `docker stop`."""
    began = time.monotonic()
    container.terminate()
    code = container.wait()
    took = time.monotonic() - began
    assert code == 0, f"exit {code}{container.last_words}"
    assert took < _STOP_SECONDS, f"{took:.1f} s"
    assert "Traceback" not in container.printed, container.last_words
    return f"exit 0 after {took:.1f} s"


OF_SERVICE = (
    answers_for_its_health_without_a_password,
    asks_for_the_password,
    shows_the_page,
    is_found_healthy,
    runs_nothing_as_root,
    keeps_its_database_in_the_volume,
    ends_on_sigterm,
)
"""In this order, in one container: the last ends it."""


def starts_again_on_what_was_killed(image: Image) -> str:
    """A volume that a killed container left."""
    with new_data(image.user) as data:
        with service(image, data) as killed:
            killed.kill()
        with service(image, data) as container:
            return ends_on_sigterm(container)


def refuses_to_listen_without_a_password(image: Image) -> str:
    """It would be open to all who reach the port."""
    with new_data(image.user) as data, run(image, "mintcast", "run", data=data) as container:
        return refused(container, _SETTINGS_WRONG, "HTTP_PASSWORD")


def names_what_mends_a_volume_of_somebody_else(image: Image) -> str:
    """A folder of the host that was made by root."""
    with new_data((0, 0)) as data, unwritable(image, data, "rw") as container:
        return refused(container, _LOCAL_FAULT, f"install -d -o {image.user[0]} ")


def names_a_volume_that_is_mounted_read_only(image: Image) -> str:
    """No owner could mend that."""
    with new_data(image.user) as data, unwritable(image, data, "ro") as container:
        return refused(container, _LOCAL_FAULT, "/data", "Read-only")


@contextmanager
def unwritable(image: Image, data: Path, mode: str) -> Iterator[Container]:
    """`mintcast run` where `data` cannot be written."""
    password = {"HTTP_PASSWORD": PASSWORD}
    with run(
        image, "mintcast", "run", data=data, data_mode=mode, environment=password
    ) as container:
        yield container


def refused(container: Container, expected: int, *words: str) -> str:
    """It ended at once, with a sentence that holds `words`; gives the sentence."""
    code = container.wait()
    assert code == expected, f"exit {code}{container.last_words}"
    assert "Traceback" not in container.printed, container.last_words
    said = [line for line in container.printed.splitlines() if all(word in line for word in words)]
    assert said, f"no line holds {words}:{container.last_words}"
    return f"exit {code}: {said[-1].strip()}"


OF_STARTS = (
    starts_again_on_what_was_killed,
    refuses_to_listen_without_a_password,
    names_what_mends_a_volume_of_somebody_else,
    names_a_volume_that_is_mounted_read_only,
)
