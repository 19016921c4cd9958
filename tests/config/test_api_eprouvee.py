"""The open services answer as their descriptions say, whatever they are asked (schemathesis)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from tests.couches_remplies import un_permis, un_plan_d_urbanisme, une_servitude

pytestmark = pytest.mark.django_db
VERIFICATIONS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def _connexion_gardee():
    """The server's handler closes the connection after each request: the test's transaction is in it."""
    signaux = (request_started, request_finished)
    for signal in signaux:
        signal.disconnect(close_old_connections)
    yield
    for signal in signaux:
        signal.connect(close_old_connections)


def eprouver(schema: Any, exemples: int, **choix: Any) -> int:
    """Play each operation with drawn parameters, always the same ones; how many operations."""
    operations = [
        trouvee.ok() for trouvee in (schema.include(**choix) if choix else schema).get_all_operations()
    ]
    for operation in operations:

        @settings(
            max_examples=exemples,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def jouer(case: Any) -> None:
            # The client of the tests does not unpack.
            case.call_and_validate(checks=VERIFICATIONS, headers={"Accept-Encoding": "identity"})

        jouer()
    return len(operations)


def test_l_api_repond_comme_elle_le_dit(plan, _connexion_gardee):
    un_plan_d_urbanisme()
    une_servitude()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    assert eprouver(schema, 12) >= 14


def test_ogc_api_features_repond_comme_il_le_dit(plan, _connexion_gardee):
    un_plan_d_urbanisme()
    un_permis()
    schema = schemathesis.openapi.from_wsgi("/ogc/api", application)
    assert (
        eprouver(schema, 12, path_regex="^/$|conformance|collections$|/(parcelles|plu_zones|urba_dossiers)")
        == 15
    )
