"""What the command line says of itself: its help, and what each exit code means.

All other sentences are in `bot.texts`, which `--help` doesn't load, to be there at once.
"""

from __future__ import annotations

from dataclasses import dataclass

ABOUT = "Go-live alerts and clips of pump.fun livestreams."
MORE = "mintcast COMMAND --help has the options, more examples, and the exit codes."

SHORT = """\
Go-live alerts and clips of pump.fun livestreams.

  mintcast demo            try it in a world on this machine: no token, no account
  mintcast run             run the service: alerts, clips and the page
  mintcast live MINT       is this coin live?
  mintcast clip MINT 30s   record 30 seconds of it as an MP4

mintcast --help lists every command, mintcast COMMAND --help its options."""

SERVICE, DATABASE = "The service", "Its database"
COINS, TRIAL = "One coin", "Trying it"
"""The groups of commands, in the order of the help."""

MINT = "A coin's address, or a pump.fun link to it."
JSON = "Print one JSON object, and nothing else."
CONFIG = "The settings; otherwise MINTCAST_CONFIG or ./config.toml."
VERBOSE = "Log everything, with tracebacks."
VERSION = "Print the version."
STAY = (
    "If settings, a token or a password are wrong, say so and wait to be stopped: for a container"
    " that would be started over and over."
)
DURATION = "30s, 90, 1:30 or 1m30s; otherwise 30s, or what the settings say."
CLIP_FILE = "The file to write, or its folder; otherwise ./SYMBOL-TIME.mp4."
MAX_BYTES = "The most the file may take; otherwise 10MB."
AGO = "Go back: the clip ends so long ago, up to 24h."
FROM = "Go back: the clip begins at that time: 14:02:10, 14:02, or ISO 8601 with a zone."
SOURCE = (
    "recording: pump.fun's own; room: from now on; ring: what --watch keeps. Otherwise auto: the"
    " recording with --ago or --from, the ring with --watch, else the room."
)
WATCH = "Stay, and save the last seconds at each Enter, or at each SIGUSR1."
PORT = "The page's port; otherwise 8080, or any if that one is taken."
ONCE = "Walk through the whole story without a browser, and end."
BACKUP_FILE = "The file to write, or its folder; otherwise ./mintcast-TIME.db, or .dump."
RESTORED_FILE = "A file that mintcast backup made, or one from before an update."
MOVED_FROM = "A file, or postgresql://user@host:port/name."
MOVED_TO = "The same of the new one, which is empty or isn't there yet."
STORY_FILES = "The folder for the files that --once makes."


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """`about` begins with the line of the list of commands; `exits` say why it ended."""

    group: str
    about: str
    examples: tuple[tuple[str, str], ...]
    exits: dict[int, str]


_USAGE = "the command line is wrong"
_SETTINGS = "the settings are wrong"
_STOPPED = "stopped before there was an answer"

COMMANDS = {
    "run": CommandHelp(
        SERVICE,
        "Run the service: alerts, clips and the page."
        "\n\nIt watches pump.fun, and posts to Discord and Telegram if it has their tokens."
        " SIGTERM, SIGHUP and Ctrl-C end it in order; a second one ends it at once.",
        (
            ("mintcast run", "with ./config.toml, if any"),
            ("mintcast run --config mint.toml", "with these settings"),
        ),
        {
            0: "stopped in order",
            1: "something failed here: the database, the port, or Mintcast itself",
            2: _USAGE,
            78: "the settings, a token or a password are wrong: starting again won't help",
            130: "stopped at once, by a second signal",
        },
    ),
    "check": CommandHelp(
        SERVICE,
        "Check everything that the service needs."
        "\n\nThat's settings, database, disk, recording, pump.fun, the port and tokens: a line"
        " each, whatever the others say. If the service is running, its parts are listed too.",
        (
            ("mintcast check", "before you start it"),
            ("mintcast check --verbose", "with what went wrong in detail"),
        ),
        {
            0: "everything is fine",
            1: "something isn't, and its line says FAIL",
            2: _USAGE,
            78: "the settings are wrong, so nothing else was checked",
            130: _STOPPED,
        },
    ),
    "status": CommandHelp(
        SERVICE,
        "Say how the running service is, and its database."
        "\n\nThat's its version and address, its parts with when each last did its work, and the"
        " database: which one, where, how large, its revision, rows and subscriptions.",
        (
            ("mintcast status", ""),
            ("mintcast status --json", "for a script"),
        ),
        {
            0: "it runs, and everything is fine",
            1: "it runs, but something isn't fine, and its line says FAIL",
            2: _USAGE,
            3: "it isn't running",
            78: _SETTINGS,
            130: _STOPPED,
        },
    ),
    "backup": CommandHelp(
        DATABASE,
        "Copy the database into a file, also while the service runs."
        "\n\nThe copy is whole, and of one moment. PostgreSQL is copied by pg_dump, which has to be"
        " as new as its server. Clips, pictures and tokens aren't in it. No file is overwritten.",
        (
            ("mintcast backup", "into this folder"),
            ("mintcast backup backups/", "into that one"),
            ("mintcast backup monday.db", ""),
        ),
        {
            0: "the file is there",
            1: "something failed here: the database, the disk or pg_dump",
            2: "the file exists already, or there's no database",
            78: _SETTINGS,
            130: "stopped",
        },
    ),
    "restore": CommandHelp(
        DATABASE,
        "Put a copy of the database back in its place."
        "\n\nStop the service first. What is there now is copied before, and where that is, is"
        " said. Where anything is wrong, nothing is changed. A copy of an older version is fine:"
        " the next start updates it. PostgreSQL is restored by pg_restore, or by psql, in one"
        " transaction.",
        (("mintcast restore monday.db", ""),),
        {
            0: "the database is as in the file",
            1: "something failed here, or a service uses the database; nothing was changed",
            2: "the file isn't a backup that fits; nothing was changed",
            78: _SETTINGS,
            130: "stopped before it began",
        },
    ),
    "move-store": CommandHelp(
        DATABASE,
        "Move everything from a file to PostgreSQL, or back."
        "\n\nStop the service first. All rows are copied in one transaction and compared, so either"
        " all of them are there, or none. FROM isn't changed, and TO has to be empty or new. The"
        " password of PostgreSQL is DATABASE_PASSWORD's. Then name TO in the settings.",
        (
            ("mintcast move-store data/mintcast.db postgresql://mintcast@db/mintcast", ""),
            ("mintcast move-store postgresql://mintcast@db/mintcast data/new.db", ""),
        ),
        {
            0: "everything is in TO",
            1: "something failed here, or a service uses one of them; TO is as it was",
            2: "one of them can't be meant, or TO isn't empty",
            78: "a token or a password is wrong",
            130: "stopped; TO is as it was",
        },
    ),
    "live": CommandHelp(
        COINS,
        "Say whether a coin is live."
        "\n\nAlso since when, with how many viewers, and what its title is.",
        (
            ("mintcast live https://pump.fun/coin/ADDRESS", ""),
            ("mintcast live ADDRESS --json", "for a script"),
        ),
        {
            0: "live",
            1: "something failed here",
            2: "that isn't a coin",
            3: "offline",
            4: "starting: the creator has connected, but there's no video yet",
            5: "pump.fun didn't answer",
            78: _SETTINGS,
            130: _STOPPED,
        },
    ),
    "clip": CommandHelp(
        COINS,
        "Record a livestream from now on, or cut what was, as an MP4."
        "\n\n--ago and --from cut pump.fun's own recording, which runs some seconds behind: what it"
        " doesn't have yet is waited for. How far behind is a guess ([recording] delay_seconds of"
        " the settings), so times are about right."
        "\n\nWith --json, source, delay_seconds and delay_is_measured, gaps (count,"
        " longest_seconds) and window (asked and shown, each from and to) say what the clip was cut"
        " of, and how well. What isn't known is null."
        "\n\nCtrl-C, SIGTERM and a closed terminal keep what there is. No file is ever"
        " overwritten. With --watch it stays in the stream, and saves what was just on when you"
        " press Enter, or when another program sends SIGUSR1.",
        (
            ("mintcast clip ADDRESS", "30 seconds, into this folder"),
            ("mintcast clip ADDRESS 1m30s --out talk.mp4", ""),
            ("mintcast clip ADDRESS 10s --max-bytes 512k --json", "for a script"),
            ("mintcast clip ADDRESS 30s --ago 10m", "30 s up to ten minutes ago"),
            ("mintcast clip ADDRESS 30s --from 14:02:10", "30 s from then on"),
            ("mintcast clip ADDRESS 30s --source recording", "the last 30 s"),
            ("mintcast clip ADDRESS 30s --watch --out clips/", "the last 30 s at each Enter"),
        ),
        {
            0: "complete; with --watch: ended, by you or because the stream is over",
            1: "something failed here: the disk, the folder, or the recording itself",
            2: "that isn't a coin, a length, a size or a time, or the file exists already",
            3: "offline",
            4: "live or starting, but nothing is sent, or that moment isn't in the recording",
            5: "pump.fun didn't answer, or the stream could not be joined",
            6: "partial: shorter than asked, but the file is kept",
            78: _SETTINGS,
            130: "stopped before there was anything to keep",
        },
    ),
    "demo": CommandHelp(
        TRIAL,
        "Try Mintcast in a world on this machine alone."
        "\n\nThe world has a pump.fun look-alike, a LiveKit server, and three creators who go live."
        " No token or account is needed.",
        (
            ("mintcast demo", "until Ctrl-C"),
            ("mintcast demo --once", "proves that it works, without a browser"),
        ),
        {
            0: "stopped, or with --once: the whole story happened",
            1: "something failed: the port is taken, LiveKit is missing, or the story broke off",
            2: _USAGE,
            130: "stopped before it had begun",
        },
    ),
}
