# What the build backend of a source package tries, where its step has network. Each attempt says what came of it.
import os, socket, ssl, sys, urllib.request

OWN_AUTHORITY = """@AUTHORITY@"""


def connected(host, port):
    return socket.create_connection((host, port), timeout=20)


def said_by(connection, question=b""):
    with connection:
        connection.sendall(question)
        return connection.recv(1000) or "nothing came"


def page(address, context=None):
    return urllib.request.urlopen(address, timeout=20, context=context).read()


def datagram(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.settimeout(20)
        own.connect((host, port))
        own.send(b"question")
        return own.recv(1000)


def abstract(name):
    own = socket.socket(socket.AF_UNIX)
    own.connect("\0" + name)
    return said_by(own)


def pinned(address):
    return page(address, ssl.create_default_context(cadata=OWN_AUTHORITY))


def attempt(name, made):
    try:
        came = made()
    except Exception as error:
        came = f"{type(error).__name__}: {error}"
    print(f"attempt {name}: {came}", file=sys.stderr)


@ATTEMPTS@
sys.exit("all attempts are made")
