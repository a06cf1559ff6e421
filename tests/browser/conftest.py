"""A real Chromium, the application served to it, and a worker beside."""

import os
import shutil
import subprocess
import sys
import threading

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from metengage import config
from tests.browser.hand import PATIENCE, is_expected

expect.set_options(timeout=PATIENCE * 1000)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc):
    """What a page looks like and does with its script is the same on both databases; a worker beside it meets both."""
    if "database" in metafunc.fixturenames and "worker" not in metafunc.fixturenames:
        metafunc.definition.add_marker(pytest.mark.parametrize("database", ["sqlite"], indirect=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium; none is ever downloaded."""
    return browser_type_launch_args | {
        "executable_path": shutil.which("chromium-headless-shell"),
        "args": ["--no-sandbox", "--disable-background-networking"],
    }


@pytest.fixture(scope="session")
def base_url(built):
    """Where the application is served, for every database in its turn."""
    server = make_server("127.0.0.1", 0, built, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def someone(app, new_context):
    """Opens a browser of somebody's own, and afterwards looks whether a page of it complained: someone(PHONE)."""
    complaints = []

    def begin(size: dict, **kwargs) -> Page:
        context = new_context(viewport=size, **kwargs)
        context.set_default_timeout(PATIENCE * 1000)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda message: is_expected(message) or complaints.append(message.text))
        return context.new_page()

    yield begin
    assert complaints == []


@pytest.fixture(params=["script", "no script"])
def script(request) -> bool:
    """Whether JavaScript is on."""
    return request.param == "script"


@pytest.fixture
def worker(app, base_url, database, redis_url, post_server):
    """A worker as a process of its own, as people run it."""
    ours = {
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": base_url,
        "INSTANCE": str(config.settings.instance),
        "SECRET_KEY": config.settings.secret_key,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(post_server[0].port),
        "MAIL_DEFAULT_SENDER": config.settings.mail_default_sender,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    process = subprocess.Popen(command, cwd=config.ROOT, env=os.environ | ours)
    yield process
    process.kill()
    process.wait(PATIENCE)
