"""How do messages become JSON? As pydantic has them, by one converter a process."""

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

_MADE = PydanticPayloadConverter()


class _Shared(CompositePayloadConverter):
    """The SDK makes a converter twice a workflow task, and pydantic's would each time learn our types anew."""

    def __init__(self) -> None:
        super().__init__(*_MADE.converters.values())


converter = DataConverter(payload_converter_class=_Shared)
