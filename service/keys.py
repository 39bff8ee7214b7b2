"""Named keys that open the service to writes; while there is none, writes are closed.

They come from ``XDEGREES_API_KEYS``, from the file that ``XDEGREES_API_KEYS_FILE`` names, and from ``keys.json`` in the
home, which holds what ``xdegrees key new`` made: never a key, only its sha256. A key is 32 random bytes, so a plain
digest cannot be turned back into it. Both files are read again when they change.
"""

import hmac
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import BadInput, NotFound
from stores.files import alone, write_whole
from stores.settings import Settings

SCOPES: Final = ("add", "remove")
"""What a key may do: add, replace and describe artworks; take them down."""

PREFIX: Final = "xdegrees_"
"""Begins every key that is made here, so that one that leaked is recognised for what it is."""

SHORTEST: Final = 16
"""Characters of a key that somebody else made; fewer can be guessed."""

_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_NAMED: Final = re.compile(_NAME)


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its name.

    Attributes:
        digest: sha256 of the key, in hex; the key itself is kept nowhere.
        scopes: some of :data:`SCOPES`.
        place: where it is told: a setting, or a file.
        created: when it was made, in UTC; empty where nobody knows.
    """

    name: str
    digest: str
    scopes: tuple[str, ...]
    place: str = ""
    created: str = ""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=rf"^{_NAME}$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    scopes: Annotated[list[Literal["add", "remove"]], Field(min_length=1)]
    created: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1] = 1
    keys: list[_Entry] = []


class Keyring:
    """Every key there is now; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        told, named = "XDEGREES_API_KEYS", settings.api_keys_file
        self._home = settings.home / "keys.json"
        self._told = _parse_told(settings.api_keys.get_secret_value(), told)
        self._files = [_Watched(self._home, _parse_home)]
        if named is not None:
            self._files.append(_Watched(named, _parse_named, required=True))

    def check(self) -> None:
        """Raise BadInput where a file cannot be understood, or a name stands twice."""
        found = [*self._told, *(key for file in self._files for key in file.read())]
        twice = [name for name, count in Counter(key.name for key in found).items() if count > 1]
        if twice:
            raise BadInput(f"several API keys are named {', '.join(twice)}: give each a name of its own")

    def all(self) -> tuple[Key, ...]:
        """Return every key, those of the settings first."""
        return (*self._told, *(key for file in self._files for key in file.current()))

    def find(self, secret: str) -> Key | None:
        """Return the key that this is; every key is compared, and none for longer than another."""
        digest, found = _digest(secret), None
        for key in self.all():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def new(self, name: str, scopes: Iterable[str]) -> str:
        """Make a key and write its digest into the home; return the key, which cannot be had again."""
        if not _NAMED.fullmatch(name):
            raise BadInput(f"{name!r} cannot name a key: up to 64 letters, digits, dots, dashes and underscores can")
        secret = PREFIX + secrets.token_urlsafe(32)
        chosen = [scope for scope in SCOPES if scope in set(scopes)]
        entry = _Entry.model_validate(
            {"name": name, "sha256": _digest(secret), "scopes": chosen, "created": _now()},
        )
        with alone(self._home):
            self.check()
            if any(key.name == name for key in self.all()):
                raise BadInput(f"there is a key {name!r} already: take another name, or 'xdegrees key revoke {name}'")
            self._write([*self._entries(), entry])
        return secret

    def revoke(self, name: str) -> None:
        """Take a key out of the home; NotFound where there is none, BadInput where it is told elsewhere."""
        with alone(self._home):
            kept = [entry for entry in self._entries() if entry.name != name]
            if len(kept) < len(self._entries()):
                self._write(kept)
                return
        elsewhere = next((key.place for key in self.all() if key.name == name), None)
        if elsewhere:
            raise BadInput(f"the key {name!r} comes from {elsewhere}: take it out there")
        raise NotFound(f"there is no key {name!r}: 'xdegrees key list' names all of them")

    def _entries(self) -> list[_Entry]:
        return _read_home(self._home.read_text(encoding="utf-8"), self._home).keys if self._home.exists() else []

    def _write(self, entries: list[_Entry]) -> None:
        write_whole(self._home, (_File(keys=entries).model_dump_json(indent=1) + "\n").encode(), private=True)


class _Watched:
    """The keys of a file, read again when it changes. One that cannot be understood opens nothing, and is logged."""

    def __init__(self, path: Path, parse: Callable[[str, Path], tuple[Key, ...]], *, required: bool = False) -> None:
        self._path, self._parse, self._required = path, parse, required
        self._stamp: tuple[int, ...] | None = None
        self._keys: tuple[Key, ...] = ()
        self._lock = threading.Lock()

    def current(self) -> tuple[Key, ...]:
        try:
            seen = self._path.stat()
        except OSError:
            return ()
        stamp = (seen.st_ino, seen.st_ctime_ns, seen.st_mtime_ns, seen.st_size)
        with self._lock:
            if stamp != self._stamp:
                self._stamp, self._keys = stamp, self._obeyed()
            return self._keys

    def read(self) -> tuple[Key, ...]:
        """Read the file now; BadInput says what is wrong with it."""
        if not self._required and not self._path.exists():
            return ()
        try:
            return self._parse(self._path.read_text(encoding="utf-8"), self._path)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise BadInput(f"the API keys in {self._path} cannot be read: {reason}") from error

    def _obeyed(self) -> tuple[Key, ...]:
        try:
            return self.read()
        except BadInput as error:
            structlog.get_logger().error("a file of API keys is not obeyed", reason=str(error))
            return ()


def _parse_named(text: str, path: Path) -> tuple[Key, ...]:
    return _parse_told(text, str(path))


def _parse_told(text: str, place: str) -> tuple[Key, ...]:
    """Read ``name:key`` and ``name:key:add+remove``, with commas or lines between. No message ever shows a key."""
    entries = [entry.strip() for entry in re.split(r"[,\n]", text) if entry.strip()]
    return tuple(_parse_entry(entry, f"{place}, entry {number}", place) for number, entry in enumerate(entries, 1))


def _parse_entry(entry: str, where: str, place: str) -> Key:
    name, _, rest = entry.partition(":")
    secret, _, told = rest.partition(":")
    scopes = told.split("+") if told else SCOPES
    if not secret or not _NAMED.fullmatch(name):
        raise BadInput(f"{where}: write it as name:key or name:key:add+remove; a name has letters, digits and .-_ only")
    if len(secret) < SHORTEST:
        raise BadInput(f"{where}: the key {name!r} has fewer than {SHORTEST} characters and can be guessed")
    if not set(scopes) <= set(SCOPES):
        raise BadInput(f"{where}: the key {name!r} has an unknown scope; there are {' and '.join(SCOPES)}")
    return Key(name, _digest(secret), tuple(scopes), place)


def _parse_home(text: str, path: Path) -> tuple[Key, ...]:
    found = _read_home(text, path).keys
    return tuple(Key(one.name, one.sha256, tuple(one.scopes), str(path), one.created) for one in found)


def _read_home(text: str, path: Path) -> _File:
    try:
        return _File.model_validate_json(text)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
        raise BadInput(
            f"{path}: {told}; it is written by 'xdegrees key new': take the file away and make the keys anew"
        ) from error


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
