# What the build backend of a source package tries, where its step has network. Each attempt says what came of it.
import os, re, socket, ssl, sys, urllib.request

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


def parts(process):
    """What can be read of a process: its variables, its command line, and all of its memory."""
    for name in ["environ", "cmdline"]:
        with open(f"/proc/{process}/{name}", "rb") as file:
            yield name, file.read()
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if rights.startswith("r") and "[v" not in line:
                begin, end = (int(number, 16) for number in place.split("-"))
                try:
                    memory.seek(begin)
                    yield "mem", memory.read(end - begin)
                except (OSError, OverflowError):
                    pass


def contents():
    """What the step can read: its processes, and its files but those of packages."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            yield from ((f"/proc/{process}/{name}", content) for name, content in parts(process))
        except OSError:
            pass
    for above, below, files in os.walk("/"):
        if above == "/":
            below[:] = [name for name in below if name not in ["proc", "sys", "dev", "usr"]]
        for path in (os.path.join(above, name) for name in files):
            try:
                with open(path, "rb") as file:
                    yield path, file.read()
            except OSError:
                pass


def search(pattern):
    """Where a pattern is. Its text must not match itself: this program is searched too."""
    searched, found = 0, set()
    for place, content in contents():
        searched += len(content)
        if re.search(pattern, content):
            found.add(place)
    assert searched > 1_000_000, searched
    return f"found in {sorted(found) or 'nothing'}"


def attempt(name, made):
    try:
        came = made()
    except Exception as error:
        came = f"{type(error).__name__}: {error}"
    print(f"attempt {name}: {came}", file=sys.stderr)


@ATTEMPTS@
sys.exit("all attempts are made")
