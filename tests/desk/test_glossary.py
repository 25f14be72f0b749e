"""One term has one word in a language: in the engine's catalogue, the console's, and the rulebook's texts."""

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po

from desk.console.words import FOLDER as CONSOLES
from desk.words.catalogue import FOLDER as ENGINES
from rulebook.load import BUNDLED

# How English says it, and what Vietnamese and Chinese then have.
GLOSSARY = [
    (r"agency|agencies", "đại lý", "公会"),
    (r"agents?", "đại diện", "经纪人"),
    (r"answers?|was answered", "trả lời", "答复"),
    (r"appeal(s|ed)?", "khiếu nại", "申诉"),
    (r"claim(s|ed|er)?", "nhận", "领取"),
    (r"clauses?", "điều khoản", "条款"),
    (r"closed", "đóng", "关闭"),
    (r"creators?", "nhà sáng tạo", "主播"),
    (r"drafts|a draft", "bản nháp", "草稿"),
    (r"duplicates?", "trùng lặp", "重复"),
    (r"escalated?", "chuyển cấp trên", "升级"),
    (r"evidence", "bằng chứng", "证据"),
    (r"file[sd] again", "nộp lại", "重新提交"),
    (r"findings?", "kết luận", "认定"),
    (r"incidents?", "sự cố", "异常"),
    (r"ledger", "sổ điểm", "明细"),
    (r"lifted", "gỡ bỏ", "解除"),
    (r"milder|modif(y|ied)", "giảm nhẹ", "减轻"),
    (r"moderators?", "kiểm duyệt viên", "审核员"),
    (r"moves?(?!\.)", "thao tác", "操作"),
    (r"on trial", "chạy thử", "试运行"),
    (r"overturn(ed)?", "hủy", "撤销"),
    (r"penalty|penalties", "hình phạt", "处罚"),
    (r"queue", "hàng chờ", "队列"),
    (r"receivers?", "bên nhận", "接收端"),
    (r"reporter", "bên báo cáo", "举报方"),
    (r"respondent", "bên bị báo cáo", "被举报方"),
    (r"review(ed)?", "xem xét", "审核"),
    (r"reviewers?", "người xem xét", "审核人员"),
    (r"rulebook", "bộ quy tắc", "规则手册"),
    (r"score", "điểm", "分数"),
    (r"second factor", "bước hai", "二次验证"),
    (r"second vote", "phiếu thứ hai", "复核"),
    (r"set aside", "bãi bỏ", "撤回"),
    (r"severity", "mức độ", "程度"),
    (r"summar(y|ise)", "tóm tắt", "概述"),
    (r"team leads?", "trưởng nhóm", "组长"),
    (r"uph(e|o)ld", "giữ nguyên", "维持"),
    (r"verdicts?", "phán quyết", "裁定"),
    (r"violations?", "vi phạm", "违规"),
    (r"(?<!a )window", "thời hạn khiếu nại", "申诉期"),
    (r"withdrawn?", "rút", "撤回"),
    (r"workflows?", "quy trình", "工作流"),
]
# Words for the same that nobody uses here, whatever the English is.
NEVER = {
    "en": r"judge?ment\b|\bruling|punish|sanction|guild|streamer",
    "vi": "sửa đổi|kháng nghị|kháng cáo|xét duyệt|dỡ bỏ|xử phạt|công hội|giai đoạn khiếu nại|giai đoạn đánh giá",
    "zh": "审理|变更|裁决|判定|机构|您|惩罚|上诉|回答|询问|(?<!未)结案|退回",
}
# What is no word of ours: values, what must be typed as it is, gaps of templates.
NO_WORD = re.compile(r"\{[^}]*\}|`[^`]*`|\[\[[^]]*\]\]")


@cache
def said(language: str) -> dict[str, str]:
    """The messages of both catalogues."""
    found: dict[str, str] = {}
    for folder in (ENGINES, CONSOLES):
        with (folder / f"{language}.po").open("rb") as file:
            found |= {str(one.id): NO_WORD.sub("", str(one.string)) for one in read_po(file, language) if one.id}
    return found


@pytest.mark.parametrize(("english", "vi", "zh"), GLOSSARY, ids=[words[0] for words in GLOSSARY])
def test_a_term_has_one_word_in_each_language(english: str, vi: str, zh: str) -> None:
    term = re.compile(rf"\b({english})\b", re.IGNORECASE)
    with_it = [key for key, message in said("en").items() if term.search(message)]
    assert with_it
    for language, word in (("vi", vi), ("zh", zh)):
        assert {key: said(language)[key] for key in with_it if word not in said(language)[key].lower()} == {}


@pytest.mark.parametrize("language", NEVER)
def test_nobody_says_another_word_for_it(language: str) -> None:
    never = re.compile(NEVER[language], re.IGNORECASE)
    assert {key: message for key, message in said(language).items() if never.search(message)} == {}
    if language != "en":
        assert never.findall((BUNDLED / "live" / f"texts.{language}.yaml").read_text("utf-8")) == []
