"""Every setting, read in one place: flags, then the environment (``XDEGREES_*``), then ``.env``."""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stores.errors import BadInput


class Settings(BaseSettings):
    """What can be set; each field is ``XDEGREES_`` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="XDEGREES_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(Path("xdegrees-data"), description="folder of the embedded stores and of the pictures")
    collection: str = Field("artworks", description="name of the collection; the default source of its keys")
    checkpoint: Path | None = Field(
        None, description="weights of the embedder; else those that the home was loaded with"
    )
    qdrant_url: str = Field("", description="a Qdrant server that keeps the vectors; empty for the embedded engine")
    qdrant_api_key: SecretStr = Field(SecretStr(""), description="key that the Qdrant server asks for")
    qdrant_api_key_file: Path | None = Field(None, description="file that holds it")
    qdrant_timeout: float = Field(10.0, gt=0, description="seconds until Qdrant has to have answered")
    qdrant_grpc: bool = Field(default=False, description="speak gRPC, port 6334, instead of REST")
    qdrant_shards: int | None = Field(None, ge=1, description="shards of a new collection on a cluster")
    qdrant_replicas: int | None = Field(None, ge=1, description="copies of each shard of a new collection")
    qdrant_consistency: int | None = Field(None, ge=1, description="copies that must have a write when it returns")
    neo4j_uri: str = Field("", description="a Neo4j server that keeps the graph; empty for one SQLite file")
    neo4j_user: str = Field("neo4j", description="user of the Neo4j server")
    neo4j_password: SecretStr = Field(SecretStr(""), description="password of the user; empty where none is asked for")
    neo4j_password_file: Path | None = Field(None, description="file that holds it")
    neo4j_database: str = Field("neo4j", description="database on the Neo4j server")
    neo4j_timeout: float = Field(10.0, gt=0, description="seconds until Neo4j has to have answered")
    neo4j_browser_url: str = Field("", description="address of Neo4j Browser; path answers link to it where it is set")
    public_url: str = Field(
        "", description="address the service is reached at, prefix included; every URL is made from it"
    )
    proxy_hops: int = Field(0, ge=0, description="trusted proxies in front of the service")
    cors_origins: str = Field("*", description="origins whose pages may read answers; comma-separated")
    image_origins: str = Field("", description="further origins pictures may come from; comma-separated")
    frame_ancestors: str = Field("'self'", description="sites that may embed the page")
    steering: Path | None = Field(None, description="what an editor decides; else steering.toml in the home")
    api_keys: SecretStr = Field(
        SecretStr(""), description="name:key or name:key:add+remove, comma-separated; writes are closed while none is"
    )
    api_keys_file: Path | None = Field(None, description="file that holds them; read again when it changes")
    max_upload_mb: float = Field(20.0, gt=0, le=1000, description="megabytes that a picture sent in may have")
    rate_limit: str = Field("600 per minute", description="requests per client; empty for no limit")
    contact: str = Field("", description="e-mail or web address of whoever downloads pictures; hosts are told it")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")
    log_format: Literal["text", "json"] = Field("text", description="text or json")

    @field_validator("contact")
    @classmethod
    def _is_contact(cls, value: str) -> str:
        is_address = "@" in value.strip("@") or value.startswith(("http://", "https://"))
        if value and not (is_address and value.isascii() and value.isprintable() and " " not in value):
            raise ValueError("must be an e-mail or web address, such as you@example.org")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="before")
    @classmethod
    def _read_secrets(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A secret comes from its own setting, or from the file that ``…_file`` names."""
        for name in ("qdrant_api_key", "neo4j_password"):
            if (file := values.get(f"{name}_file")) and not values.get(name):
                try:
                    values[name] = Path(file).read_text(encoding="utf-8").strip()
                except OSError as error:
                    raise ValueError(f"XDEGREES_{name.upper()}_FILE: {file}: {error.strerror}") from error
        return values

    @field_validator("neo4j_uri")
    @classmethod
    def _is_bolt(cls, value: str) -> str:
        if value and urlsplit(value).scheme.partition("+")[0] not in ("bolt", "neo4j"):
            raise ValueError("must begin with bolt:// or neo4j:// (with +s for TLS), such as bolt://127.0.0.1:7687")
        if "@" in value:
            raise ValueError("takes no user or password: set XDEGREES_NEO4J_USER and XDEGREES_NEO4J_PASSWORD")
        return value

    @field_validator("neo4j_browser_url", "qdrant_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("rate_limit")
    @classmethod
    def _is_rate(cls, value: str) -> str:
        if value:
            try:
                parse_many(value)
            except ValueError as error:
                raise ValueError("must be like '600 per minute', or empty") from error
        return value

    @property
    def graph_place(self) -> str:
        """Where the graph is kept, for a person."""
        return self.neo4j_uri or str(self.home)

    @property
    def images(self) -> Path:
        """Where the pictures are that the service serves."""
        return self.home / "images"

    def shown(self) -> dict[str, str]:
        """Every setting as text, secrets hidden."""
        return {
            name: "(hidden)" if isinstance(value := getattr(self, name), SecretStr) else str(value)
            for name in type(self).model_fields
        }


def read_settings(**flags: Any) -> Settings:
    """Read the settings; flags that are None were not given. BadInput names every value that cannot be."""
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        problems = [(_setting(e["loc"]), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        raise BadInput("; ".join(": ".join(filter(None, problem)) for problem in problems), problems) from error


def _setting(place: tuple[int | str, ...]) -> str:
    """Name of a setting as people set it; empty where the message itself names it."""
    return "_".join(["XDEGREES", *map(str, place)]).upper() if place else ""
