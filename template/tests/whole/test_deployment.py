"""nginx accepts the configuration in docs/deployment.md."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import run
from app.db.types import utc_now

PAGE = Path(__file__).parents[2] / "docs/deployment.md"
BLOCK = re.search(r"^```nginx\n(.*?)^```", PAGE.read_text("utf-8") if PAGE.exists() else "", re.MULTILINE | re.DOTALL)
if BLOCK is None:
    pytest.skip("docs/deployment.md shows no configuration of nginx", allow_module_level=True)
CONFIGURATION = BLOCK[1]
# Debian installs it in /usr/sbin, which is only in root's PATH.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
# By default, nginx writes to folders that only root can write to.
MAIN = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def write_certificate(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = utc_now()
    unsigned = x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number(), now, now)
    certificate.write_bytes(unsigned.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM))
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def adapted(folder: Path) -> str:
    """The configuration, with a certificate and ports for the test."""
    write_certificate(folder / "certificate.pem", folder / "certificate.key")
    text = re.sub(r"(ssl_certificate) .*;", rf"\1 {folder}/certificate.pem;", CONFIGURATION)
    text = re.sub(r"(ssl_certificate_key) .*;", rf"\1 {folder}/certificate.key;", text)
    return re.sub(r"listen (?:80|443)\b", lambda _: f"listen 127.0.0.1:{free_port()}", text)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(adapted(tmp_path), "utf-8")
    (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path), "utf-8")

    tested = subprocess.run(  # noqa: S603
        [str(NGINX), "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], check=False, capture_output=True, text=True
    )

    assert tested.returncode == 0, tested.stderr
    assert "[emerg]" not in tested.stderr


def test_nginx_closes_idle_connections_before_the_application_does() -> None:
    """Otherwise nginx could send a request on a connection that the application is closing."""
    seconds = [int(found) for found in re.findall(r"keepalive_timeout (\d+)s;", CONFIGURATION)]

    assert seconds
    assert max(seconds) < run.KEEP_ALIVE_SECONDS
