"""What the HTTP port and the local page answer when something is not as it should be."""

from __future__ import annotations

from bot.errors import HttpError, PasswordMissing, PortInUse

_REFUSED = {
    "host": (
        "Without a password, this page opens only at 127.0.0.1 or localhost. Use one of these, or"
        " set HTTP_PASSWORD and restart Mintcast (docs/proxy.md)."
    ),
    "proxy": (
        "This came through a proxy, and the page has no password. Set HTTP_PASSWORD and restart"
        " Mintcast (docs/proxy.md)."
    ),
    "origin": "Only the page itself may do this, not another site.",
    "password": "This page needs a password: any user name, and the HTTP_PASSWORD.",
    "guesses": "Too many wrong passwords from your address. Try again in {wait} s.",
}

_HTTP_FAILED = {
    400: "That request can't be read.",
    404: "There is nothing at this address.",
    405: "This address doesn't accept that kind of request.",
    408: "That request didn't arrive in time. Send it again.",
    413: "That's too much text at once. Send it in several messages.",
    416: "That file has no such part.",
    500: "Something went wrong. Try again; the log has the details.",
}


def refused(code: str, wait: int = 0) -> str:
    """Why a request was not answered: `host`, `proxy`, `origin`, `password` or `guesses`, after
    which one has to wait so many seconds."""
    return _REFUSED[code].format(wait=wait)


def http_failed(status: int) -> str:
    """What an HTTP status of 400 or more means to whoever asked."""
    return _HTTP_FAILED.get(status, f"That didn't work (error {status}).")


def host_and_port(host: str, port: int) -> str:
    """As it stands in an URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def http_not_served(error: HttpError) -> str:
    """Why the port is not there, and what to do about it."""
    place = host_and_port(error.host, error.port)
    if isinstance(error, PasswordMissing):
        return (
            f"Others can reach {place}, so the page needs a password. Set HTTP_PASSWORD, or"
            ' host = "127.0.0.1" under [http].'
        )
    if isinstance(error, PortInUse):
        return (
            f"Another program is already using {place}. Stop it, or choose another port under"
            " [http], such as port = 8081."
        )
    return (
        f"The page can't be served at {place} ({error.detail}). Choose another host or port under"
        " [http]."
    )


def packed() -> str:
    """A request came with a Content-Encoding."""
    return "Send that uncompressed (no Content-Encoding)."


def too_many_readers() -> str:
    """More open pages than are told what happens."""
    return "Too many pages are open. Close some, and this one continues."


def too_many_connections(most: int) -> str:
    """The log's line when connections are closed for newer ones."""
    return (
        f"Too many connections (limits: {most} in all, half of that per address). Idle ones are"
        " closed. Logged once a minute."
    )


def no_descriptors() -> str:
    """The log's line for connections that could not even be taken."""
    return (
        "This process has too many files and connections open (ulimit -n). New connections wait."
        " Logged once a minute."
    )


def not_a_text() -> str:
    """A message came without words."""
    return 'Send {"text": "…"} with some text, for example /help.'


def text_too_long(longest: int) -> str:
    """One message of more than `longest` characters."""
    return f"That's over {longest} characters. Send it in parts."


def not_a_press() -> str:
    """A press of a button came without saying which."""
    return 'Send {"message": "<id>", "button": "<id>"}.'


def no_such_message() -> str:
    """What was answered, or whose button was pressed, is not on the page."""
    return "That message is gone."


def no_such_button() -> str:
    """The message has other buttons by now."""
    return "That message no longer has this button."


def button_opens() -> str:
    """A button that is a link was pressed by the API."""
    return "That button only opens a link."


def no_such_file() -> str:
    """A file that never was, or that is no longer kept."""
    return "That file is gone. Clips are kept only for a while."


def file_not_now() -> str:
    """It may be there: where all nodes keep their files, or on a disk that can't be read."""
    return "That file can't be fetched right now. Try again in a moment."


def starting() -> str:
    """The service is not ready yet."""
    return "Mintcast is starting. Try again in a moment."


def stopping() -> str:
    """The service is on its way out."""
    return "Mintcast is stopping. Try again when it's back."


def command_failed() -> str:
    """A command ended in a way that nobody foresaw."""
    return "Something went wrong. Try again; the log has the details."
