"""What the HTTP port and the local page answer when something is not as it should be."""

from __future__ import annotations

from bot.errors import HttpError, PasswordMissing, PortInUse

_REFUSED = {
    "host": (
        "Without a password this page answers to 127.0.0.1 and localhost only; open it by one of"
        " these names, or set HTTP_PASSWORD and start Mintcast again (docs/proxy.md)."
    ),
    "proxy": (
        "This came through a proxy, and the page has no password; set HTTP_PASSWORD and start"
        " Mintcast again (docs/proxy.md)."
    ),
    "origin": "This can only be asked by the page itself, not by another site.",
    "password": "This page asks for a password: any user name, and the HTTP_PASSWORD.",
    "guesses": "Too many wrong passwords came from your address; please try again in {wait} s.",
}

_HTTP_FAILED = {
    400: "That request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    408: "The rest of that request did not come in time; please send it again.",
    413: "That is more text than I take at once; please send it in several messages.",
    416: "That file has no such part.",
    500: "That went wrong on my side, and the log says how. Please try again.",
}


def refused(code: str, wait: int = 0) -> str:
    """Why a request was not answered: `host`, `proxy`, `origin`, `password` or `guesses`, after
    which one has to wait so many seconds."""
    return _REFUSED[code].format(wait=wait)


def http_failed(status: int) -> str:
    """What an HTTP status of 400 or more means to whoever asked."""
    return _HTTP_FAILED.get(status, f"That did not work (error {status}).")


def host_and_port(host: str, port: int) -> str:
    """As it stands in an URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def http_not_served(error: HttpError) -> str:
    """Why the port is not there, and what to do about it."""
    place = host_and_port(error.host, error.port)
    if isinstance(error, PasswordMissing):
        return (
            f"Others can reach {place}, so the page there needs a password: set HTTP_PASSWORD,"
            ' or set host = "127.0.0.1" under [http].'
        )
    if isinstance(error, PortInUse):
        return (
            f"Another program listens at {place} already; stop it, or choose another port under"
            " [http] (port = 0 takes any)."
        )
    return (
        f"Nothing can be served at {place} ({error.detail}); choose another host or port under"
        " [http]."
    )


def packed() -> str:
    """A request came with a Content-Encoding."""
    return "Please send that as it is, without compressing it (no Content-Encoding)."


def too_many_readers() -> str:
    """More open pages than are told what happens."""
    return "Too many pages are open; please close some, and this one goes on by itself."


def too_many_connections(most: int) -> str:
    """The log's line when connections are closed for newer ones."""
    return (
        f"More connections than there is room for ({most} in all, half of them for one address that"
        " asks nothing): those that ask nothing are closed; this is said once a minute."
    )


def no_descriptors() -> str:
    """The log's line for connections that could not even be taken."""
    return (
        "This process has as many files and connections open as it may (ulimit -n); new connections"
        " wait, and this is said once a minute."
    )


def not_a_text() -> str:
    """A message came without words."""
    return 'Please send {"text": "…"} with something in it, for example /help.'


def text_too_long(longest: int) -> str:
    """One message of more than `longest` characters."""
    return f"That is longer than the {longest} characters that I take; please send it in parts."


def not_a_press() -> str:
    """A press of a button came without saying which."""
    return 'Please send {"message": "<id>", "button": "<id>"}.'


def no_such_message() -> str:
    """What was answered, or whose button was pressed, is not on the page."""
    return "That message is no longer here."


def no_such_button() -> str:
    """The message has other buttons by now."""
    return "That message does not have this button any more."


def button_opens() -> str:
    """A button that is a link was pressed by the API."""
    return "That button opens a link; there is nothing for me to do."


def no_such_file() -> str:
    """A file that never was, or that is no longer kept."""
    return "That file is not here; clips are kept for a while only."


def starting() -> str:
    """The service is not ready yet."""
    return "Mintcast is starting. Try again in a moment."


def stopping() -> str:
    """The service is on its way out."""
    return "Mintcast is stopping; please try again when it is back."


def command_failed() -> str:
    """A command ended in a way that nobody foresaw."""
    return "That went wrong on my side, and the log says how. Please try again."
