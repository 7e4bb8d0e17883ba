"""What can be told of the image without building it; `make image-check` builds it."""

from __future__ import annotations

import re

from tests.image.building import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
COMPOSE = (PROJECT / "compose.yaml").read_text()


def test_both_stages_stand_on_one_base() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1


def test_every_package_is_held_against_its_hash() -> None:
    downloads = [line for line in DOCKERFILE.splitlines() if "pip download" in line]
    assert len(downloads) == 1
    assert "--require-hashes" in downloads[0]
    assert DOCKERFILE.count("pip install") + DOCKERFILE.count("python install") == (
        DOCKERFILE.count("--no-index --find-links /wheels")
    )


def test_the_build_sees_only_what_is_named() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    assert all((PROJECT / rule[1:]).exists() for rule in rules if rule.startswith("!"))


def test_compose_publishes_on_this_machine_alone() -> None:
    ports = re.findall(r"^ +ports: \[(.+?)\]", COMPOSE, re.MULTILINE)
    assert ports == ['"127.0.0.1:8080:8080"']


def test_compose_does_not_start_without_a_password() -> None:
    assert re.search(r"HTTP_PASSWORD: \$\{HTTP_PASSWORD:\?\S.+\}", COMPOSE)


def test_compose_holds_no_secret() -> None:
    given = re.findall(r"_(?:TOKEN|PASSWORD): (.+)", COMPOSE)
    assert len(given) == 3
    assert all(value.startswith("${") for value in given)


def test_compose_starts_again_with_the_machine_but_not_over_and_over() -> None:
    """Docker tells no exit code from another: `on-failure` would repeat a wrong token for ever, and
    would not start what was stopped with the machine
    (https://docs.docker.com/engine/containers/start-containers-automatically/)."""
    assert re.search(r"^ +restart: unless-stopped$", COMPOSE, re.MULTILINE)
    assert re.search(r"^ +command: \[run, --stay\]", COMPOSE, re.MULTILINE)
