"""PDFs: opened without a password, and every page read; kept as they are."""

from typing import BinaryIO

from pypdfium2 import PdfDocument, PdfiumError
from pypdfium2.raw import FPDF_ERR_PASSWORD

from desk.evidence.decoding.verdict import UnfitError, Verdict
from desk.evidence.decoding.whole import must_be_one

_END, _WITHIN = b"%%EOF", 1024


def read(_kind: str, sent: BinaryIO, _clean: BinaryIO) -> None:
    """Read a PDF; its end must be there, as pdfium would mend one without.

    Raises:
        UnfitError: it has no end or no page, needs a password, or is something else, too.
        Exception: whatever else pdfium finds.
    """
    must_be_one(sent)
    sent.seek(max(sent.seek(0, 2) - _WITHIN, 0))
    if _END not in sent.read():
        raise UnfitError(Verdict.BROKEN)
    sent.seek(0)
    try:
        document = PdfDocument(sent)
    except PdfiumError as error:
        locked = getattr(error, "err_code", None) == FPDF_ERR_PASSWORD
        raise UnfitError(Verdict.LOCKED if locked else Verdict.BROKEN) from None
    if not len(document):
        raise UnfitError(Verdict.LOCKED)
    for number in range(len(document)):
        document[number].close()
