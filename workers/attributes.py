"""Does Temporal know the search attributes of cases? It is asked when a worker starts, and told where it does not."""

import asyncio
from time import monotonic

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.shown import KEYS
from workers.embedded.error import EmbeddedError
from workers.log import AWAY

# In seconds: so long a worker that starts waits for Temporal, and between two questions.
PATIENCE, PAUSE = 30.0, 0.5
# A connection that breaks while it is asked is none of the codes for it.
_AWAY = AWAY | {RPCStatusCode.UNKNOWN}
_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD


async def register(client: Client) -> None:
    """Have Temporal know them: a case could not go on that tells of itself what is not known.

    While Temporal doesn't answer it is asked again, for at most `PATIENCE` seconds.

    Raises:
        EmbeddedError: they can't be added: the sentence has the command with which somebody else does.
    """
    names, until = [key.name for key in KEYS], monotonic() + PATIENCE
    while True:
        try:
            return await _known(client, names)
        except RPCError as error:
            if error.status not in _AWAY:
                raise EmbeddedError(f"{_sentence(client, names)} ({error.message})") from None
            if monotonic() > until:
                raise EmbeddedError(f"Temporal does not say what it knows of cases. ({error.message})") from None
        await asyncio.sleep(PAUSE)


async def _known(client: Client, names: list[str]) -> None:
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(asked)).custom_attributes
    if missing := [name for name in names if known.get(name) != _KEYWORD]:
        added = dict.fromkeys(missing, _KEYWORD)
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=added)
        await client.operator_service.add_search_attributes(request)


def _sentence(client: Client, names: list[str]) -> str:
    each = " ".join(f"--name {name} --type Keyword" for name in names)
    return (
        "Temporal does not let this worker have the search attributes of cases: let somebody who may run "
        f"`temporal operator search-attribute create --namespace {client.namespace} {each}`."
    )
