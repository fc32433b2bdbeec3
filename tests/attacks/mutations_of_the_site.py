"""Rules of the finished site and of the joint step, taken away one by one (mutations.py says
how)."""

from attacks import noticing_finished as seen

PAGES, FINISHED = "guard.pages", "analysis.site.finished"
STATE, BUILD = "analysis.site.state", "analysis.site.build"
OUTSIDE = "analysis.runs.checking.outside"
SHEETS, in_one = "guard.spreadsheet", seen.in_a_spreadsheet
SPACE, DIGITS = "space of names that says something", "more digits than are printed"
REMARK, NOTHING = "remark of the archive", "(lambda *_: ())("
ANY_DAY = "(packed, entry.date_time)"
FAULTS = f"{PAGES}:text_faults"

OF_THE_SITE = (
    (f"{PAGES}:Reader._frame_faults", "any(text.count(part) != 1", "any(False", seen.other_policy),
    (
        f"{PAGES}:Reader._frame_faults",
        'text.count("<style") != 1 or',
        "",
        seen.second_style,
    ),
    (
        f"{PAGES}:Reader._frame_faults",
        "len(_OF_SKIP.findall(text)) != 1",
        "False",
        seen.off_the_screen,
    ),
    (f"{PAGES}:_form_faults", 'element.startswith(("<!", "<?"))', "False", seen.comment),
    (f"{PAGES}:_form_faults", "or whole[1] not in ELEMENTS", "", seen.script),
    (f"{PAGES}:_form_faults", "- ATTRIBUTES:", "- {*ATTRIBUTES, 'data-n'}:", seen.attribute),
    (f"{PAGES}:_stays", "_WAY.fullmatch(way) is not None and", "", seen.elsewhere),
    (f"{PAGES}:_stays", 'not file.startswith("..")', "True", seen.out_of_the_site),
    (f"{PAGES}:Reader._unread", "for step in (-1, 0, 1)", "for step in (0,)", seen.id_over_lines),
    (FAULTS, "yield from markup_faults(words, html=False)", "pass", seen.address),
    (FAULTS, 'if has_unseen("".join(set(plain))):', "if False:", seen.unseen),
    (FAULTS, "identifier_kinds(plain)", "()", seen.identifier),
    (FAULTS, "identifier_kinds(encoded)", "()", seen.identifier_in_base64),
    (FAULTS, "{unescape(text)}\\n{words}", "{unescape(text)}", seen.identifier_in_parts),
    (FAULTS, "ids.is_in(text)", "False", seen.id_on_a_page),
    # the folder
    (f"{FINISHED}:Finished.check", "if not found:", "if True:", seen.stray),
    (f"{FINISHED}:Finished._stray_findings", "way not in may_be and", "False and", seen.stray),
    (
        f"{FINISHED}:_is_of_a_cell",
        "bool(OF_A_CELL.fullmatch(name))",
        "bool(folder)",
        seen.stray_figure,
    ),
    (f"{FINISHED}:Finished._stray_findings", "mode & 0o111", "False", seen.program),
    (
        f"{FINISHED}:Finished._run_findings",
        'hash_of(path) != sealed.get(f"figures/{path.name}")',
        'f"figures/{path.name}" not in sealed',
        seen.other_content,
    ),
    (
        f"{FINISHED}:Finished._run_findings",
        "!= store.as_dict(run.record)",
        "is None",
        seen.other_record,
    ),
    (
        f"{FINISHED}:Finished._run_findings",
        "in self.readers.pages.faults(page, text, ids, _foot_of(run))",
        "in ()",
        seen.page_of_a_run,
    ),
    (
        f"{FINISHED}:Finished._overview_findings",
        "in self._overview_faults(name, path, every)",
        "in ()",
        seen.front_page,
    ),
    (
        f"{FINISHED}:Finished.findings",
        'yield _finding("G31: ids of the data that are not kept here", run)',
        "pass",
        seen.ids_not_kept,
    ),
    (f"{FINISHED}:_file_faults", "yield from png_faults(", "(lambda _: ())(", seen.picture),
    (f"{FINISHED}:_file_faults", "in svg_faults(text)", "in ()", seen.drawing),
    (f"{FINISHED}:_file_faults", "yield from text_faults(text, ids)", "pass", seen.numbers),
    (f"{FINISHED}:_file_faults", "yield from ods_faults(", "(lambda *_: ())(", seen.spreadsheet),
    # spreadsheets
    (f"{SHEETS}:ods_faults", "yield from text_faults(", NOTHING, in_one("id")),
    (f"{SHEETS}:ods_faults", "if parts is None:", "if not data:", in_one("macros")),
    (f"{SHEETS}:_is_packed_as_ours", "return size ==", "return size >=", in_one("bytes behind")),
    (f"{SHEETS}:_is_packed_as_ours", "return size ==", "return size >=", in_one(REMARK)),
    (f"{SHEETS}:_is_packed_as_ours", "(packed, _FIRST_DAY)", ANY_DAY, in_one("time")),
    (f"{SHEETS}:_root", 'b"<!" in body or', "", in_one("comment")),
    (f"{SHEETS}:_root", "if declared - set(_PREFIXES):", "if False:", in_one(SPACE)),
    (f"{SHEETS}:_part_faults", "yield from _element_faults(", NOTHING, in_one("formula")),
    (f"{SHEETS}:_part_faults", "yield from _element_faults(", NOTHING, in_one("hidden sheet")),
    (f"{SHEETS}:_part_faults", "element.tail or", "", in_one("text between elements")),
    (f"{SHEETS}:_part_faults", "and not _is_printed(element)", "and False", in_one(DIGITS)),
    (
        "analysis.runs.batch:code_of",
        "error.code in FOUND_BY_THE_GUARD",
        "False",
        seen.guard_ends_with_three,
    ),
    # what was put there
    (f"{STATE}:altered_pages", "{*kept, *here}", "{*kept}", seen.added_to_the_site),
    (
        f"{STATE}:altered_pages",
        "kept.get(n) != here.get(n)",
        "n not in here",
        seen.edited_in_the_site,
    ),
    (f"{STATE}:_kept", "and is_signed(kept)", "", seen.list_of_another),
    (f"{BUILD}:_keep_page", "was != here or", "", seen.altered_page_is_not_taken_over),
    # the joint step, worked out again
    (f"{OUTSIDE}:joint_findings", "both[0] != both[1]", "False", seen.cleared_record),
    (f"{OUTSIDE}:joint_findings", "{*again, *here}", "{*again}", seen.added_record),
    (f"{OUTSIDE}:joint_findings", "!= _record(notebook)", "is None", seen.national_record),
    (
        f"{OUTSIDE}:joint_findings",
        "shutil.copyfile(made / COUNTS, private / COUNTS)",
        "pass",
        seen.cleared_record,
    ),
    (
        "attack.printed:coverage",
        "if one.number not in explained",
        "if False",
        seen.unknown_is_told,
    ),
    (
        "attack.printed:_explained",
        "{*printed.values(), *whole}",
        "{*printed.values()}",
        seen.unknown_is_told,
    ),
)
