"""The server: who gets in, and what is given to whom."""

import io
import json
import zipfile

import pytest
from websockets.exceptions import InvalidStatus

from babble_jax.agent.server.protocol import CloseCode
from babble_jax.agent.server.server import ServerConfig, address, check_config
from babble_jax.errors import BabbleError
from tests.agent.serving import HELLO, expect_end, pack, serve
from tests.agent.stand_ins import Factory


def test_tokens():
    with serve(token="secret") as served:
        for wrong in ({}, {"token": "wrong"}, {"token": "secret "}, {"token": "s\u00e9cret"}):
            with served.enter(**wrong) as (_, answer):
                assert (answer["type"], answer["code"]) == ("error", CloseCode.TOKEN)
        assert not served.factory.hellos
        with served.enter(token="secret") as (_, answer):
            assert answer["type"] == "welcome"


def test_consent():
    with serve(consent="Your voice is recorded.") as served:
        assert json.loads(served.request("/about")[2])["consent"] == "Your voice is recorded."
        with served.enter() as (_, answer):
            assert (answer["type"], answer["code"]) == ("error", CloseCode.MALFORMED)
        with served.enter(consent=True) as (_, answer):
            assert answer["type"] == "welcome"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1:1", "127.0.0.1.evil.example", ""]
)
def test_other_hosts_are_refused(many, host):
    status, _, body = many.request("/", Host=host)
    assert status in (400, 403)
    assert b"script" not in body
    if host:
        with pytest.raises(InvalidStatus), many.connect(host=host):
            pass


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "http://localhost:{port}",
    ],
)
def test_pages_of_other_sites_are_refused(many, origin):
    origin = origin.format(port=many.port)
    before = len(many.lines)
    with pytest.raises(InvalidStatus) as refused, many.connect(origin=origin):
        pass
    assert refused.value.response.status_code == 403
    assert many.lines[before:] == [f"refused: a request from the origin {origin}"]
    assert many.request("/recording", "DELETE", Origin=origin)[0] == 403


def test_the_own_page_is_let_in(many):
    with many.connect(origin=f"http://127.0.0.1:{many.port}") as client:
        client.send(json.dumps(HELLO))
        assert json.loads(client.recv(5))["type"] == "welcome"
    assert many.request("/", Host=f"localhost:{many.port}")[0] == 200


def test_the_page_may_load_nothing_from_elsewhere(many):
    status, headers, body = many.request("/")
    policy = headers["content-security-policy"]
    assert status == 200
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    assert b"//" not in body.replace(b"<!doctype", b"")
    for name in ("app.js", "worklet.js", "network.js", "style.css", "icon.svg"):
        status, headers, _ = many.request(f"/page/{name}")
        assert status == 200
        assert "content-security-policy" in headers


@pytest.mark.parametrize(
    "path",
    ["/page/../server.py", "/page/%2e%2e/server.py", "/page/server.py", "/server.py", "/page/", "/page/a/b"],
)
def test_nothing_else_is_served(many, path):
    assert many.request(path)[0] == 404


def test_a_recording_is_given_and_deleted_to_the_one_who_made_it(tmp_path):
    with serve(Factory(tmp_path)) as served:
        with served.enter() as (client, welcome):
            own = {"Authorization": f"Bearer {welcome['key']}"}
            folder = tmp_path / "session-1"
            assert welcome["folder"] == str(folder)
            assert served.request("/recording", **own)[0] == 409  # it runs
            client.send(pack(0))
            client.send(json.dumps({"type": "stop"}))
            expect_end(client)
        served.wait_for(lambda: served.request("/recording", **own)[0] == 200)
        for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": welcome["key"]}):
            assert served.request("/recording", **wrong)[0] == 403
            assert served.request("/recording", "DELETE", **wrong)[0] == 403
        _, headers, body = served.request("/recording", **own)
        assert "session-1.zip" in headers["content-disposition"]
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert archive.testzip() is None
            assert archive.read("session-1/dialogue.wav") == b"RIFF"
        assert served.request("/recording", "DELETE", **own)[0] == 200
        assert not folder.exists()
        assert served.request("/recording", **own)[0] == 404
        assert served.request("/recording", "DELETE", **own)[0] == 200
        assert tmp_path.exists()


def test_other_hosts_need_tls_and_get_a_token(tmp_path):
    with pytest.raises(BabbleError, match="TLS"):
        check_config(ServerConfig(host="0.0.0.0"))
    with pytest.raises(BabbleError, match="belong together"):
        check_config(ServerConfig(certfile=tmp_path / "a"))
    with pytest.raises(BabbleError, match="no such file"):
        check_config(ServerConfig(certfile=tmp_path / "a", keyfile=tmp_path / "b"))
    for name in "ab":
        (tmp_path / name).write_text("x")
    config = check_config(ServerConfig(host="lab.example", certfile=tmp_path / "a", keyfile=tmp_path / "b"))
    assert len(config.token) >= 20
    assert address(config) == f"https://lab.example:8765/#{config.token}"
    assert address(ServerConfig()) == "http://127.0.0.1:8765/"
    assert check_config(ServerConfig()).token == ""


def test_a_port_that_is_taken_is_a_sentence(many):
    from babble_jax.agent.server.server import listen

    with pytest.raises(BabbleError, match="choose another --port"):
        listen(ServerConfig(port=many.port))
