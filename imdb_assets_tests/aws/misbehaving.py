"""A server in front of moto that misbehaves as told: it refuses, breaks down, loses answers, never gets done.

It also keeps the rules of SageMaker that moto does not: a name is given once, an endpoint can be updated and answers,
a training job can be stopped, what is not set is not in an answer. Requests come over HTTP from the SDKs as they are.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from botocore.exceptions import ClientError

from imdb_assets_tests.aws.emulators import Emulator
from imdb_assets_tests.aws.faulty import Fault

JSON = "application/x-amz-json-1.1"
NAMES = {  # operation that makes a thing → its name in the request, operation that shows it, what AWS calls it
    "CreateModel": ("ModelName", "describe_model", "model"),
    "CreateEndpointConfig": ("EndpointConfigName", "describe_endpoint_config", "endpoint configuration"),
    "CreateEndpoint": ("EndpointName", "describe_endpoint", "endpoint"),
    "CreateTrainingJob": ("TrainingJobName", "describe_training_job", "training job"),
    "CreateModelPackageGroup": ("ModelPackageGroupName", "describe_model_package_group", "model package group"),
}
HOP = {"connection", "content-length", "transfer-encoding", "keep-alive", "date", "server", "content-encoding"}


@dataclass
class Answer:
    """What goes back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Aws:
    """The server's state: what it is told to do, and what it was asked."""

    moto: Emulator
    url: str = ""
    faults: list[Fault] = field(default_factory=list[Fault])
    states: dict[str, str] = field(default_factory=dict[str, str])
    """Endpoint or training job → the state that it is shown in, whatever moto says."""
    answers: Callable[[str, str, bytes], bytes] = lambda _config, _kind, _body: b"{}"
    """What an endpoint of a configuration answers to a body of a media type."""
    then: dict[str, Callable[[dict[str, Any]], object]] = field(
        default_factory=dict[str, "Callable[[dict[str, Any]], object]"]
    )
    """Operation → what is done with its request once it has been carried out."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    """Operations that were carried out, with their requests."""

    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    @cached_property
    def sagemaker(self) -> Any:
        """What there really is."""
        return self.moto.client("sagemaker")

    def endpoints(self) -> dict[str, str]:
        """Endpoint → its configuration, of those that bill."""
        names = [one["EndpointName"] for one in self.sagemaker.list_endpoints()["Endpoints"]]
        return {name: self.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"] for name in names}

    def named(self, operation: str) -> list[dict[str, Any]]:
        """Requests of an operation that were carried out."""
        return [request for name, request in self.asked if name == operation]

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """What goes back; None for nothing, and the connection is closed."""
        operation = _operation(method, path, headers)
        fault = next((one for one in self.faults if _hits(one, operation, path, body)), None)
        if fault is None:
            return self._done(operation, method, path, headers, body)
        fault.met += 1
        if fault.after:
            self._done(operation, method, path, headers, body)
        return refused(operation, fault.code, fault.status, fault.message) if fault.code else None

    def _done(self, operation: str, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        service, _, name = operation.partition(".")
        request = json.loads(body) if service == "sagemaker" and body else {}
        if service == "sagemaker" and (no := self._against_the_rules(name, request)):
            return refused(operation, *no)
        own = getattr(self, f"_{name}", None)
        answer = own(path, headers, request, body) if own else self._forwarded(method, path, headers, body)
        if name.startswith("Describe") and answer.status < 300:
            kind = name.removeprefix("Describe")
            shown = {key: value for key, value in json.loads(answer.body).items() if value not in ({}, None)}
            if kind == "Endpoint":
                shown.pop("DataCaptureConfig", None)  # as it was asked for, not as AWS shows it
            if state := self.states.get(request.get(f"{kind}Name", "")):
                shown |= {f"{kind}Status": state, "SecondaryStatus": "Training"}
            answer = Answer(200, {"Content-Type": JSON}, json.dumps(shown).encode())
        if answer.status < 300:
            self.asked.append((name, request))
            if name in self.then:
                self.then[name](request)
        return answer

    def _against_the_rules(self, name: str, request: dict[str, Any]) -> tuple[str, int, str] | None:
        if name not in NAMES:
            return None
        key, shows, kind = NAMES[name]
        try:
            getattr(self.sagemaker, shows)(**{key: request[key]})
        except ClientError:
            return None
        code = "ResourceInUse" if name == "CreateTrainingJob" else "ValidationException"
        return code, 400, f'Cannot create already existing {kind} "{request[key]}".'

    def _forwarded(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        kept = {name: value for name, value in headers.items() if name.lower() not in HOP | {"host", "expect"}}
        found = self._http.request(method, f"{self.moto.url}{path}", headers=kept, content=body)
        back = {name: value for name, value in found.headers.items() if name.lower() not in HOP}
        return Answer(found.status_code, back, found.content)

    def _UpdateEndpoint(self, _path: str, _headers: object, request: dict[str, Any], _body: bytes) -> Answer:  # noqa: N802
        """At once; the endpoint is another one in moto."""
        name = request["EndpointName"]
        if self.states.get(name) == "Updating":
            return refused("sagemaker.UpdateEndpoint", "ValidationException", 400, "Cannot update in-progress endpoint")
        arn = self.sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
        tags = self.sagemaker.list_tags(ResourceArn=arn)["Tags"]
        self.sagemaker.delete_endpoint(EndpointName=name)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=request["EndpointConfigName"], Tags=tags)
        return Answer(200, {"Content-Type": JSON}, json.dumps({"EndpointArn": arn}).encode())

    def _StopTrainingJob(self, _path: str, _headers: object, request: dict[str, Any], _body: bytes) -> Answer:  # noqa: N802
        self.states[request["TrainingJobName"]] = "Stopped"
        return Answer(200, {"Content-Type": JSON}, b"{}")

    def _InvokeEndpoint(self, path: str, headers: dict[str, str], _request: object, body: bytes) -> Answer:  # noqa: N802
        name, kind = path.split("/")[2], headers.get("Content-Type", "")
        said = self.answers(self.endpoints()[name], kind, body)
        return Answer(200, {"Content-Type": kind}, said)


@contextmanager
def serving(moto: Emulator) -> Iterator[Aws]:
    """The server, on a port of its own."""
    aws = Aws(moto)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = aws.answer(self.command, self.path, dict(self.headers), body)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _any  # noqa: N815 - names of the library

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    aws.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield aws
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        aws._http.close()


def refused(operation: str, code: str, status: int, message: str) -> Answer:
    """An error as the operation's service words it."""
    if operation.startswith("s3."):
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return Answer(status, {"Content-Type": "application/xml"}, body.encode())
    body = json.dumps({"__type": code, "message": message, "Message": message})
    return Answer(status, {"Content-Type": JSON, "x-amzn-errortype": code}, body.encode())


def _hits(fault: Fault, operation: str, path: str, body: bytes) -> bool:
    wanted = fault.operation in (operation, operation.partition(".")[0])
    return wanted and fault.met < fault.times and fault.key.encode() in path.encode() + body


def _operation(method: str, path: str, headers: dict[str, str]) -> str:
    """Such as `sagemaker.CreateEndpoint`."""
    target = {name.lower(): value for name, value in headers.items()}.get("x-amz-target", "")
    if target.startswith("SageMaker."):
        return target.replace("SageMaker", "sagemaker")
    if path.startswith("/endpoints/"):
        return "sagemaker-runtime.InvokeEndpoint"
    if path.startswith("/schedules/"):
        return f"scheduler.{ {'POST': 'CreateSchedule', 'PUT': 'UpdateSchedule'}.get(method, 'GetSchedule') }"
    if target or path == "/":
        return f"other.{target}"
    return f"s3.{ {'PUT': 'PutObject', 'GET': 'GetObject', 'HEAD': 'HeadObject'}.get(method, method) }"
