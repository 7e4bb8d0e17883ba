"""What can be told of the image without building it; `make image-check` builds it."""

from __future__ import annotations

import re

from tests.image.building import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
COMPOSE = (PROJECT / "compose.yaml").read_text()
GUIDE = (PROJECT / "docs" / "docker.md").read_text()


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


def test_the_guide_deletes_what_a_profile_started_too() -> None:
    """Compose leaves alone what belongs to a profile that isn't named, its volume too."""
    deleting = [found[0] for found in re.finditer(r"`[^`]* down --volumes`", GUIDE)]
    assert deleting == ["`docker compose --profile '*' down --volumes`"]


def test_the_guide_restores_a_backup_as_the_user_that_reads_it() -> None:
    """`docker compose cp` keeps the owner, and a backup is for its owner alone."""
    row = next(line for line in GUIDE.splitlines() if " mintcast restore " in line)
    copied = re.search(r"--entrypoint tee mintcast (\S+) < mintcast-TIME.db", row)
    assert copied is not None
    assert f"docker compose run --rm mintcast restore {copied[1]}`" in row


def test_what_the_guide_makes_here_stays_out_of_git() -> None:
    rules = (PROJECT / ".gitignore").read_text().splitlines()
    for name in (".env", "database-password", "http-password", "mintcast.dump"):
        assert name in GUIDE
        assert name in {rule.lstrip("/") for rule in rules}
    assert "/mintcast-*.db" in rules  # as `mintcast backup` names them


# PostgreSQL, where the profile asks for it


def service(name: str) -> str:
    """What compose.yaml says of it."""
    found = re.search(rf"^  {name}:(?: &\w+)?\n((?:    .*\n)+)", COMPOSE, re.MULTILINE)
    assert found is not None
    return found[1]


def interpolated(text: str, **variables: str) -> str:
    """As compose reads it (https://docs.docker.com/reference/compose-file/interpolation)."""

    def value(found: re.Match[str]) -> str:
        given = variables.get(found["name"], "")
        return found["word"] if bool(given) is (found["how"] == "+") else given

    return re.sub(r"\$\{(?P<name>\w+):(?P<how>[-+])(?P<word>[^}]*)\}", value, text)


FOR_POSTGRESQL = {
    "MINTCAST_STORAGE__DATABASE": "postgresql://mintcast@postgres/mintcast",
    "DATABASE_PASSWORD_FILE": "./database-password",
}


def test_without_the_profile_the_database_is_a_file_and_nothing_is_waited_for() -> None:
    mintcast = interpolated(service("mintcast"))
    assert "MINTCAST_STORAGE__DATABASE: /data/mintcast.db\n" in mintcast
    assert re.search(r"DATABASE_PASSWORD_FILE: *\n", mintcast)
    assert "postgres: { condition: service_healthy, required: false }" in mintcast
    assert re.search(r"^    profiles: \[postgres\]$", service("postgres"), re.MULTILINE)
    secret = re.search(r"^    file: (\S+)", interpolated(COMPOSE), re.MULTILINE)
    assert secret is not None
    assert (PROJECT / secret[1]).is_file()  # or `docker compose up` would stop


def test_both_read_the_password_of_one_file() -> None:
    of_file = "PASSWORD_FILE: /run/secrets/database-password\n"
    for name, variable in (("mintcast", "DATABASE_"), ("postgres", "POSTGRES_")):
        told = interpolated(service(name), **FOR_POSTGRESQL)
        assert variable + of_file in told
        assert "    secrets: [database-password]\n" in told
    assert "    file: ./database-password" in interpolated(COMPOSE, **FOR_POSTGRESQL)
    assert "/database-password" in (PROJECT / ".gitignore").read_text().splitlines()


def test_postgresql_is_reached_by_mintcast_alone_and_keeps_its_rows() -> None:
    told = service("postgres")
    assert "ports:" not in told
    assert "image: postgres:17\n" in told
    assert 'volumes: ["postgres:/var/lib/postgresql/data"]' in told
    assert "--host=127.0.0.1" in told  # its socket answers before it is made
    assert re.search(r"^volumes:\n(?:  data.*:\n)+  postgres:\n", COMPOSE, re.MULTILINE)
    user, name = (re.search(rf"POSTGRES_{one}: (\w+)", told) for one in ("USER", "DB"))
    assert user is not None
    assert name is not None
    database = FOR_POSTGRESQL["MINTCAST_STORAGE__DATABASE"]
    assert database == f"postgresql://{user[1]}@postgres/{name[1]}"
    assert database in GUIDE


# Several nodes, where the profile asks for them


def test_each_node_has_a_name_and_a_volume_of_its_own_and_no_port() -> None:
    assert "MINTCAST_CLUSTER__NODE: \n" in interpolated(service("mintcast"))
    for number in (2, 3):
        told = service(f"node-{number}")
        assert "    <<: *mintcast\n    profiles: [cluster]\n    ports: []" in told
        assert f'volumes: ["data-{number}:/data"]' in told
        assert f"{{ <<: *environment, MINTCAST_CLUSTER__NODE: node-{number} }}" in told
        assert re.search(rf"^  data-{number}:$", COMPOSE, re.MULTILINE)
    assert "COMPOSE_PROFILES=postgres,cluster" in (PROJECT / "docs" / "cluster.md").read_text()
