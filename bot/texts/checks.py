"""What `mintcast run` says when it starts and stops, what `mintcast check` and `status` found, and
what was copied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from bot.errors import TokenRefused
from bot.model import DatabaseAge, DatabaseReport, ServerReport
from bot.model.network import Network
from bot.texts import units

_PLATFORMS = {"discord": ("Discord", "DISCORD_TOKEN"), "telegram": ("Telegram", "TELEGRAM_TOKEN")}
_TOKENS_FROM = {
    "discord": "discord.com/developers/applications (Bot)",
    "telegram": "@BotFather",
}
_MOST_TABLES = 6
_MEDIA = "video and sound connect directly to LiveKit, because no proxy can carry them"


def page_line(origin: str | None) -> str:
    """Where the page is, if there is one."""
    return f"Page: {origin}/" if origin else "Page: off, [local] enabled = false"


def platform_off(platform: str) -> str:
    """A chat platform that was given no token."""
    name, variable = _PLATFORMS[platform]
    return f"{name}: off, no {variable}"


def token_refused(error: TokenRefused) -> str:
    """A platform does not take its token; what to do next."""
    name, variable = _PLATFORMS[error.platform]
    return (
        f"{name} refuses the token in {variable}. Copy it again from"
        f" {_TOKENS_FROM[error.platform]}, or leave it empty to run without {name}."
    )


def platform_ended(error: TokenRefused) -> str:
    """A platform stopped while the service goes on."""
    name, _ = _PLATFORMS[error.platform]
    why = error.detail or token_refused(error)
    return f"{name}: stopped; all else goes on. {why}"


def watching(subscriptions: int, poll_seconds: float) -> str:
    """What the watcher does."""
    return f"Watching {units.plural(subscriptions, 'subscription')} every {poll_seconds:g} s"


def stopping() -> str:
    """The first signal came."""
    return "Stopping; a second signal stops it at once"


def stopped() -> str:
    """The end, in order."""
    return "Stopped"


def database_state(path: str, age: DatabaseAge, *, backs_up: bool = True) -> str:
    """A database that can be used. `backs_up`: before it's updated."""
    match age:
        case DatabaseAge.NONE:
            return f"{path} will be created"
        case DatabaseAge.CURRENT:
            return f"{path} is fine"
        case DatabaseAge.OLDER:
            how = "after a backup" if backs_up else "without a backup ([storage])"
            return f"{path} is fine; the next start updates it, {how}"
        case _:
            assert_never(age)


def server_state(server: ServerReport, path: str) -> str:
    """What PostgreSQL is, and whether the user may do there what the service does."""
    what = f"PostgreSQL {server.version}, {server.encoding}"
    if server.is_replica:
        return f"{what}: it's a replica, which takes no writes. Name the primary server."
    if not server.may_create:
        schema = server.schema or "public"
        return (
            f"{what}: {server.user} may not create tables in {path}. As its owner, run GRANT"
            f" CREATE, USAGE ON SCHEMA {schema} TO {server.user}."
        )
    return f"{what}; {server.user} may create tables"


def dumper_state(server: ServerReport, *, is_needed: bool) -> str:
    """Whether `pg_dump` can copy the database. `is_needed`: the next start does."""
    if server.can_be_dumped:
        return f"version {server.dumper} fits the server"
    why = "isn't installed" if server.dumper is None else f"is version {server.dumper}"
    so = "the next start would stop" if is_needed else "backups and updates will need it"
    return (
        f"{why}, and the server is version {server.major}: {so}. Install PostgreSQL's client"
        f" programs, {server.major} or newer."
    )


def database_report(report: DatabaseReport) -> tuple[str, ...]:
    """What a database is, and what is in it; a sentence each."""
    revision = f"revision {report.revision}" if report.revision else "empty"
    filled = sorted(((n, name) for name, n in report.rows.items() if n), reverse=True)
    most = ", ".join(f"{name} {n:,}" for n, name in filled[:_MOST_TABLES])
    rows = units.plural(sum(report.rows.values()), "row")
    return (
        f"{report.engine}, {report.name}, {units.size(report.bytes)}, {revision}",
        f"{rows}: {most}" if most else rows,
        units.plural(report.rows.get("subscriptions", 0), "subscription"),
    )


def backup_made(file: str, size: int) -> str:
    """`mintcast backup` is done."""
    return f"Saved {file} ({units.size(size)})"


def restored(database: str, file: str, kept: str | None) -> str:
    """`mintcast restore` is done. `kept` has what was there before."""
    before = f" What was there before is in {kept}." if kept else ""
    return f"{database} is as in {file} again.{before}"


def restore_goes_on() -> str:
    """Somebody tries to stop `mintcast restore`."""
    return "A restore is never left halfway. Wait: at its end it says what became of it."


def moving(table: str, done: int, total: int, *, verifies: bool) -> str:
    """How far `mintcast move-store` is."""
    if verifies:
        return f"checking {table}"
    return f"{table}: {done:,} of {total:,}"


def moved(rows: int, source: str, target: str, cleaned: int) -> str:
    """`mintcast move-store` is done."""
    texts = units.plural(cleaned, "text")
    nul = f" NUL characters were taken out of {texts}." if cleaned else ""
    return (
        f"Moved {units.plural(rows, 'row')} to {target}, and checked them.{nul} {source} is"
        " unchanged. To use the new one, set [storage] database."
    )


def folder_good(path: str, free: int) -> str:
    """Clips can be kept there."""
    return f"{path} is writable, {units.size(free)} free"


def folder_not_writable(path: str, user: int) -> str:
    """The folder for clips is not ours to write to."""
    return (
        f"user {user} can't write to {path}; choose a folder of that user's own ([storage] clips),"
        f" made with sudo install -d -o {user} FOLDER"
    )


def disk_short(path: str, free: int, least: int) -> str:
    """Too little room for clips."""
    return (
        f"{path} has {units.size(free)} free, and clips need {units.size(least)}"
        " ([clips] min_free_gigabytes)"
    )


def bucket_good(url: str) -> str:
    """Clips can be kept there, and deleted."""
    return f"{url} takes files, gives them back and deletes them"


def bucket_missing(url: str) -> str:
    """There is none of that name."""
    return bucket_failed(url, "there's no such bucket")


def bucket_failed(url: str, detail: str = "") -> str:
    """A bucket doesn't do all that it has to."""
    why = detail or "it doesn't answer in time"
    return (
        f"{url}: {why}. Look at [storage] clip_files, AWS_ENDPOINT_URL, AWS_REGION and the keys"
        " (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
    )


def worker_good() -> str:
    """A recording process starts."""
    return "the recording process starts"


def worker_failed(detail: str) -> str:
    """It does not."""
    why = detail or "it didn't answer in time"
    return f"the recording process doesn't start: {why}"


def answers(url: str) -> str:
    """A service of pump.fun answers."""
    return f"{url} answers"


def port_free(place: str) -> str:
    """The page can be served there."""
    return f"{place} is free"


def network_sentences(
    network: Network, sources: Iterable[str], ignored: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """The way, then what was left out. No password is shown."""
    return (
        _way(network, tuple(sources)),
        *(f"{name} {why}: ignored" for name, why in ignored),
    )


def _way(network: Network, sources: tuple[str, ...]) -> str:
    through = _through(network)
    if not through:
        return "direct, no proxy"
    exempt = ", ".join(["this machine", *(one.shown for one in network.exempt)])
    return f"through {through} ({', '.join(sources)}), except for {exempt}; {_MEDIA}"


def _through(network: Network) -> str:
    if network.https == network.http:
        return str(network.https) if network.https else ""
    ways = (("https", network.https), ("http", network.http))
    return ", ".join(f"{proxy} for {scheme}://" for scheme, proxy in ways if proxy)
