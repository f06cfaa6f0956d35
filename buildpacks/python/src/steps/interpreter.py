# Finds the newest Python for which the requirements of an application are made. It installs nothing of what is kept.
#
#   interpreter.py ANSWER PYTHON,… UV UV-OPTION… -- INPUT…       an INPUT `-` is standard input
#
# The answer has the chosen Python in its first line, `-` where no Python will do, and then facts against Pythons:
#   3.13 wheel numpy 1.26.4                      the release has wheels for others, and none for this one
#   3.13 range numba 0.56.4                      the release does not accept this one
#   3.13 module web-py 0.62 cgi web/webapi.py    the file imports a module that this one has no more
#   3.13 none                                    nothing fits together
import ast, concurrent.futures, io, os, pathlib, re, shutil, subprocess, sys, tarfile, tomllib, urllib.request

ANSWER, PYTHONS, UV, REST = sys.argv[1], sys.argv[2].split(','), sys.argv[3], sys.argv[4:]
OPTIONS, INPUTS = REST[:REST.index('--')], REST[REST.index('--') + 1:]
TEXT = sys.stdin.read() if '-' in INPUTS else None
SITE = pathlib.Path('/tmp/candidates/site')
SITE.parent.mkdir(exist_ok=True)

# The modules that a Python was the first to lack, and the day of its release: later releases of packages know it.
# Source: "What's New In Python 3.12" and "3.13", "Removed"; PEP 632, PEP 594.
REMOVED = {
    '3.12': ('2023-10-02', 'asynchat asyncore distutils imp smtpd'),
    '3.13': ('2024-10-07', 'aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev '
             'pipes sndhdr spwd sunau telnetlib uu xdrlib'),
}
# Directories of packages that no application imports.
BESIDE = {'test', 'tests', 'testing', 'example', 'examples'}


def number(python):
    return [int(part) for part in python.split('.')]


def uv(*line, text=None):
    done = subprocess.run([UV, 'pip', *line], input=text, capture_output=True, text=True)
    # What was built to learn what a package needs serves the next candidates too.
    os.environ['PACKWRIGHT_KEEP_BUILT'] = '1'
    return done


def fail(done):
    sys.stderr.write(done.stderr)
    sys.exit(done.returncode or 1)


def resolved(python, *more):
    """What uv takes for `python`, or its words why nothing fits."""
    lock = SITE.parent / 'pylock.{}.toml'.format(python.replace('.', '-'))
    lock.unlink(missing_ok=True)
    done = uv('compile', '--quiet', *OPTIONS, *more, '--python-version', python, '--format', 'pylock.toml',
              '--output-file', str(lock), *INPUTS, text=TEXT)
    if done.returncode == 0:
        return tomllib.loads(lock.read_text()).get('packages', []), None
    said = ' '.join(done.stderr.split())
    if 'No solution found' in said or 'ailed to build' in said or 'build backend' in said:
        return None, said
    fail(done)


known = {}


def has_wheel(release, python):
    if (release, python) not in known:
        done = uv('compile', '--quiet', *OPTIONS, '--no-deps', '--only-binary', ':all:', '--python-version', python, '-',
                  text='{}=={}\n'.format(*release))
        known[release, python] = done.returncode == 0
    return known[release, python]


def for_others(releases, python):
    """Those of `releases` that some candidate has a wheel of: the others are built on every Python."""
    pairs = [(one, other) for one in releases for other in PYTHONS if other != python]
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda pair: has_wheel(*pair), pairs))
    return [one for one in releases if any(has for pair, has in zip(pairs, found) if pair[0] == one)]


def release(package):
    return package['name'], package['version']


def facts(python):
    """The facts against `python`, and whether nothing can be installed for it."""
    packages, said = resolved(python)
    if packages is None and 'No solution found' not in said:
        # A source that does not even tell here what it needs.
        packages, said = resolved(python, '--no-deps')
    if packages is None:
        ranges = re.findall(r'([A-Za-z0-9][\w.-]*)==(\S+) depends on Python', said)
        if not ranges and 'Python version' not in said:
            # It is not for a Python that nothing fits together.
            write('-', [[python, 'none']])
        return [[python, 'range', *ranges[0]] if ranges else [python, 'none']], True
    bare = [release(one) for one in packages if 'version' in one and one.get('sdist') and not one.get('wheels')]
    found = [[python, 'wheel', *one] for one in for_others(bare, python)]
    return found + (removed(python, packages) if not found else []), False


def removed(python, packages):
    """The imports, by what is installed for `python`, of modules that it has no more."""
    last = [since for since in REMOVED if number(since) <= number(python)]
    if not last:
        return []
    gone = {name for since in last for name in REMOVED[since][1].split()}
    def is_old(one):
        files = one.get('wheels') or [one.get('sdist', {})]
        days = [str(file.get('upload-time', '9'))[:10] for file in files]
        made = [file.get('url', '').endswith('.whl') and not file['url'].endswith('-none-any.whl') for file in files]
        return 'version' in one and not any(made) and max(days) < REMOVED[last[-1]][0]
    old = [one for one in packages if is_old(one)]
    if not old or not imports(python, old, old, gone):
        return []
    # Another package may bring the module back.
    whole = [one for one in packages if one.get('wheels') and 'version' in one or one in old]
    return [[python, 'module', *found] for found in imports(python, whole, old, gone)]


def unpack(package):
    """Puts the modules of a source archive where its wheel would have them; nothing is built."""
    try:
        data = urllib.request.urlopen(package['sdist']['url'], timeout=60).read()
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            texts = {pathlib.PurePosixPath(one.name).parts[1:]: archive.extractfile(one).read()
                     for one in archive if one.isfile() and one.name.endswith('.py') and '..' not in one.name}
    except (OSError, ValueError, tarfile.TarError):
        return
    packages = {path[:-1] for path in texts if path[-1] == '__init__.py'}
    record = []
    for path, text in texts.items():
        top = next((end for end in range(1, len(path)) if path[:end] in packages), len(path))
        # A package, or a module beside `setup.py`, also below `src`.
        if path[:top - 1] not in ((), ('src',), ('lib',)) or path[top - 1] in ('setup.py', 'conftest.py'):
            continue
        inner = pathlib.PurePosixPath(*path[top - 1:])
        (SITE / inner).parent.mkdir(parents=True, exist_ok=True)
        (SITE / inner).write_bytes(text)
        record.append(str(inner) + ',,')
    notes = SITE / '{}-{}.dist-info'.format(package['name'].replace('-', '_'), package['version'])
    notes.mkdir()
    (notes / 'RECORD').write_text('\n'.join(record))


def imports(python, packages, old, gone):
    """What the packages `old` import of the modules `gone`, where `packages` are installed."""
    old = [release(one) for one in old]
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir()
    wheels = ['{}=={}'.format(*release(one)) for one in packages if one.get('wheels')]
    if wheels:
        done = uv('install', '--quiet', *OPTIONS, '--no-deps', '--only-binary', ':all:', '--python-version', python,
                  '--target', str(SITE), *wheels)
        if done.returncode:
            fail(done)
    for one in packages:
        if not one.get('wheels'):
            unpack(one)
    modules = {}
    for file in sorted(SITE.rglob('*.py')):
        parts = file.relative_to(SITE).with_suffix('').parts
        modules['.'.join(parts[:-1] if parts[-1] == '__init__' else parts)] = file
    brought = {path.name.split('.')[0] for path in SITE.iterdir()}
    gone = gone - brought - ({'distutils'} if '_distutils_hack' in brought else set())
    is_known = lambda name: name in brought or name in sys.stdlib_module_names and name not in gone
    found = []
    for notes in sorted(SITE.glob('*.dist-info')):
        name, version = notes.name.removesuffix('.dist-info').split('-')[:2]
        name = re.sub('[-_.]+', '-', name).lower()
        if (name, version) not in old:
            continue
        files = {line.split(',')[0] for line in (notes / 'RECORD').read_text().splitlines()}
        own = {one for one, file in modules.items() if str(file.relative_to(SITE)) in files}
        # What an application imports by name: packages, and what lies directly in them.
        roots = [one for one in own if modules[one].name == '__init__.py' and one.count('.') < 2 or '.' not in one]
        open_ = sorted(one for one in roots if not BESIDE & set(one.split('.')))
        seen, told = set(open_), set()
        while open_:
            one = open_.pop()
            for name_ in imported(one, modules[one], is_known):
                top = name_.split('.')[0]
                if top in gone and top not in told and one in own:
                    told.add(top)
                    path = str(modules[one].relative_to(SITE))
                    found.append([name, version, top, path])
                parts = name_.split('.')
                for end in range(1, len(parts) + 1):
                    inner = '.'.join(parts[:end])
                    if inner in modules and inner in own and inner not in seen:
                        seen.add(inner)
                        open_.append(inner)
    return sorted(found)


def imported(module, file, is_known):
    """The modules that are imported when `module` is: unconditionally, and not in place of another one."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return []
    package = module.split('.') if file.name == '__init__.py' else module.split('.')[:-1]
    def of(body):
        for node in body:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[:len(package) - node.level + 1] if node.level else []
                base = '.'.join([*above, *([node.module] if node.module else [])])
                yield base
                yield from (base + '.' + alias.name for alias in node.names)
            elif isinstance(node, ast.Try):
                others = [[name for name in of(handler.body)] for handler in node.handlers]
                is_lost = lambda names: any(name and not is_known(name.split('.')[0]) for name in names)
                if all(names and is_lost(names) for names in others):
                    yield from of(node.body)
    return [name for name in of(tree.body) if name]


def write(taken, told):
    with open(ANSWER, 'w') as out:
        out.write('\n'.join([taken, *(' '.join(fact) for fact in told)]) + '\n')
    sys.exit()


best, told, needed = None, [], None
for python in PYTHONS:
    if needed and not any(has_wheel(one, python) for one in needed):
        continue
    against, is_out = facts(python)
    told += against
    if best is None or (is_out, len(against)) < best[0]:
        best = ((is_out, len(against)), python)
    if not against:
        break
    if needed is None:
        needed = [tuple(fact[2:4]) for fact in against] if all(fact[1] == 'wheel' for fact in against) else []
write('-' if best[0][0] else best[1], told)
