"""What is a language's tag (RFC 5646), and which tags does one cover (RFC 4647)?"""

# Language, extended language, script, region, variants, extensions, private use. Tags without a language (`x-…`) and
# those registered before RFC 5646 (`i-klingon`) are none here; no subtag is looked up in a registry.
LANGUAGE = (
    r"^[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?$"
)
LONGEST = 35
# The tag of an undetermined language.
UNDETERMINED = "und"
_SCRIPT, _REGION = 4, 2


def normal(tag: str) -> str:
    """The tag in the case that RFC 5646, 2.1.1 recommends: `VI-vn` is `vi-VN`, and `zh-hans-cn` is `zh-Hans-CN`."""
    first, *rest = tag.lower().split("-")
    found = [first]
    for part in rest:
        after_single = any(len(one) == 1 for one in found)
        if len(part) == _REGION and not after_single:
            found.append(part.upper())
        elif len(part) == _SCRIPT and not after_single:
            found.append(part.capitalize())
        else:
            found.append(part)
    return "-".join(found)


def covers(language: str, tag: str) -> bool:
    """Whether who reads the language reads the tag: `vi` covers `vi-VN`, and `zh` covers `zh-Hans-CN`; `v` covers none.

    It is the basic filtering of RFC 4647, 3.3.1, of normal tags.
    """
    return f"{tag}-".startswith(f"{language}-")
