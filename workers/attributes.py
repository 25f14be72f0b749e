"""Does Temporal know the search attributes of cases? It is asked when a worker starts, and told where it does not."""

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.shown import KEYS
from workers.embedded.error import EmbeddedError

_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD


async def register(client: Client) -> None:
    """Have Temporal know them: a case could not go on that tells of itself what is not known.

    Raises:
        EmbeddedError: they can't be added: the sentence has the command with which somebody else does.
    """
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    names = [key.name for key in KEYS]
    try:
        known = (await client.operator_service.list_search_attributes(asked)).custom_attributes
        if missing := [name for name in names if known.get(name) != _KEYWORD]:
            added = AddSearchAttributesRequest(
                namespace=client.namespace, search_attributes=dict.fromkeys(missing, _KEYWORD)
            )
            await client.operator_service.add_search_attributes(added)
    except RPCError as error:
        raise EmbeddedError(f"{_sentence(client, names)} ({error.message})") from None


def _sentence(client: Client, names: list[str]) -> str:
    each = " ".join(f"--name {name} --type Keyword" for name in names)
    return (
        "Temporal does not let this worker have the search attributes of cases: let somebody who may run "
        f"`temporal operator search-attribute create --namespace {client.namespace} {each}`."
    )
