"""The files of a case, given out as everywhere: as attachments that run nothing."""

from starlette.responses import Response

from desk.console.visit import Visit
from desk.evidence.serve import given
from desk.serving.deadline import put_off
from desk.serving.head import bodiless
from store.in_thread import in_thread

# Seconds in which a file may be read.
WITHIN = 300


async def give(visit: Visit) -> Response:
    """A file of evidence, or the part of it that is asked for."""
    desk = visit.desk
    put_off(visit.request.scope, WITHIN)
    file = await in_thread(desk.engine, desk.dossiers.file, visit.actor, visit.named("case"), visit.named("file"))
    if bodiless(visit.request.scope):
        return await given(desk.intake.objects, file, body=False)
    return await given(desk.intake.objects, file, visit.request.headers.get("Range"))
