"""A bucket behind the part of S3's API that is used here (Amazon S3 API Reference, 2006-03-01):
whole and multipart uploads, reading, listing, deleting. It asks for a signature, and checks none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.test_utils import TestServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass
class _Object:
    data: bytes
    changed_at: datetime

    @property
    def tag(self) -> str:
        return f'"{hashlib.md5(self.data, usedforsecurity=False).hexdigest()}"'

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.tag, "Last-Modified": format_datetime(self.changed_at, usegmt=True)}


@dataclass
class FakeS3:
    """`async with FakeS3() as s3:` answers at `url`. `objects` are by their whole names; while it
    `fails`, all is answered with 503; where it `keeps` what it has, nobody may delete. `taken` is
    how many files it was given."""

    bucket: str = "clips"
    fails: bool = False
    keeps: bool = False
    taken: int = 0
    objects: dict[str, _Object] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    unsigned: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 30)
        bucket, one = f"/{self.bucket}", f"/{self.bucket}/{{key:.*}}"
        for method, path, handler in (
            ("GET", bucket, self._list),
            ("POST", bucket, self._delete_many),
            ("GET", one, self._get),
            ("HEAD", one, self._get),
            ("PUT", one, self._put),
            ("POST", one, self._multipart),
            ("DELETE", one, self._delete),
        ):
            app.router.add_route(method, path, self._guarded(handler))
        self._server = TestServer(app)
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def environment(self) -> dict[str, str]:
        """What a node is told of it."""
        return {
            "AWS_ENDPOINT_URL": str(self._server.make_url("")).rstrip("/"),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "not-a-real-secret",
        }

    def put(self, name: str, data: bytes, changed_at: datetime) -> None:
        self.objects[name] = _Object(data, changed_at)

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if self.fails:
                return web.Response(status=503)
            if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"):
                self.unsigned += 1
                return web.Response(status=403)
            return await handler(request)

        return guarded

    async def _put(self, request: web.Request) -> web.Response:
        key, data = request.match_info["key"], await request.read()
        if "partNumber" in request.query:
            number = int(request.query["partNumber"])
            self.uploads[request.query["uploadId"]][number] = data
            tag = hashlib.md5(data, usedforsecurity=False).hexdigest()
            return web.Response(headers={"ETag": f'"{tag}"'})
        self.taken += 1
        self.put(key, data, datetime.now(UTC))
        return web.Response(headers=self.objects[key].headers)

    async def _multipart(self, request: web.Request) -> web.Response:
        key = request.match_info["key"]
        if "uploads" in request.query:
            name = f"upload-{len(self.uploads)}"
            self.uploads[name] = {}
            return _xml(
                f"<InitiateMultipartUploadResult><Bucket>{self.bucket}</Bucket><Key>{escape(key)}"
                f"</Key><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
            )
        parts = self.uploads.pop(request.query["uploadId"])
        self.put(key, b"".join(parts[n] for n in sorted(parts)), datetime.now(UTC))
        return _xml(
            f"<CompleteMultipartUploadResult><Key>{escape(key)}</Key>"
            f"<ETag>{escape(self.objects[key].tag)}</ETag></CompleteMultipartUploadResult>"
        )

    async def _get(self, request: web.Request) -> web.Response:
        found = self.objects.get(request.match_info["key"])
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found.data, headers=found.headers)

    async def _list(self, request: web.Request) -> web.Response:
        prefix = request.query.get("prefix", "")
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{_iso(one.changed_at)}</LastModified>"
            f"<ETag>{escape(one.tag)}</ETag><Size>{len(one.data)}</Size></Contents>"
            for name, one in sorted(self.objects.items())
            if name.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>")

    async def _delete(self, request: web.Request) -> web.Response:
        self.objects.pop(request.match_info["key"], None)
        return web.Response(status=204)

    async def _delete_many(self, request: web.Request) -> web.Response:
        names = re.findall(r"<Key>(.*?)</Key>", await request.text())
        if self.keeps:
            refused = "".join(
                f"<Error><Key>{name}</Key><Code>AccessDenied</Code><Message>Access Denied</Message>"
                "</Error>"
                for name in names
            )
            return _xml(f"<DeleteResult>{refused}</DeleteResult>")
        for name in names:
            self.objects.pop(name, None)
        gone = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
        return _xml(f"<DeleteResult>{gone}</DeleteResult>")


def _iso(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _xml(text: str) -> web.Response:
    return web.Response(text=_HEAD + text, content_type="application/xml")
