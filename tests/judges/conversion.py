"""Holds files against the definitions of the platforms they are for.

    conversion.py kubernetes VERSION FILE...    all objects, against the schemas of the API
    conversion.py ecs FILE...                   task definitions, against the shapes of the service

Exit status 1 when one does not fit, or when there is none.
"""

import json
import sys


def kubernetes(version, *files):
    import kubernetes_validate
    import yaml

    for file in files:
        with open(file, encoding="utf-8") as opened:
            for thing in yaml.safe_load_all(opened):
                try:
                    kubernetes_validate.validate(thing, version, strict=True)
                    yield None
                except Exception as error:
                    yield f"{file}: {thing.get('kind')}: {error}"


def ecs(*files):
    import botocore.session
    from botocore.validate import ParamValidator

    service = botocore.session.get_session().get_service_model("ecs")
    shape = service.operation_model("RegisterTaskDefinition").input_shape
    for file in files:
        with open(file, encoding="utf-8") as opened:
            report = ParamValidator().validate(json.load(opened), shape)
        yield f"{file}: {report.generate_report()}" if report.has_errors() else None


JUDGES = {"kubernetes": kubernetes, "ecs": ecs}
found = list(JUDGES[sys.argv[1]](*sys.argv[2:]))
wrong = [error for error in found if error]
print(f"{len(found) - len(wrong)} fit, {len(wrong)} do not")
for error in wrong:
    print(error, file=sys.stderr)
sys.exit(1 if wrong or not found else 0)
