"""Rules of sentences and sums, of the files of a run, of all places and of earlier releases, taken
away one by one (mutations.py says how)."""

from attacks import noticing_files as files
from attacks import noticing_levels as levels
from attacks import noticing_releases as runs
from attacks.mutations import Mutation
from attacks.mutations_of_the_site import OF_THE_SITE

FOLDER, VECTOR, TOLD = "guard.folder", "guard.vector", "guard.told"
IDS, NORMAL = "guard.ids", "guard.normal"
SAID, SUMS, JOINT = "people_said", "dominance", "joint"
DIFFERENCING = "analysis.runs.release.differencing"
LEDGER, RELEASING = "analysis.runs.release.releases", "analysis.runs.release.releasing"
VERDICT, ATTACKING = "analysis.runs.joint.verdict", "analysis.runs.joint.attacking"
ALONE, PROTECTING = "analysis.runs.joint.alone", "analysis.runs.joint.protecting"
SEALED, CHAIN = "analysis.record.sealed", "analysis.chained"

OF_FILES = (
    # the folder of a run: G26 to G29, and what holds for every text of it
    (f"{FOLDER}:_stray_findings", "if path.name not in (", "if False and (", files.stray_file),
    (f"{FOLDER}:_stray_findings", "if inside and not (", "if False and (", files.stray_figure),
    (f"{FOLDER}:_stray_findings", "stat.S_ISLNK(mode) or", "", files.link),
    (f"{FOLDER}:_stray_findings", "mode & 0o111", "False", files.program),
    (f"{FOLDER}:_figure_findings", "if picture not in shown:", "if False:", files.other_picture),
    (f"{FOLDER}:_figure_findings", '{".csv"} < set(files)', "True", files.numbers_gone),
    (
        f"{FOLDER}:_figure_findings",
        'yield from _text_findings(numbers, "the numbers of a figure")',
        "pass",
        files.id_in_numbers,
    ),
    (
        f"{FOLDER}:_figure_findings",
        'yield from _text_findings(recipe, "the recipe of a figure")',
        "pass",
        files.id_in_recipe,
    ),
    (f"{FOLDER}:_figure_findings", "for fault in faults:", "for fault in ():", files.recipe_key),
    (f"{FOLDER}:_text_findings", "if has_unseen(text):", "if False:", files.unseen),
    (
        f"{FOLDER}:_drawing_findings",
        "in svg_faults(text, alt=alt):",
        "in ():",
        files.drawn_words,
    ),
    (f"{FOLDER}:recipe_faults", "if not known:", "if False:", files.recipe_key),
    (f"{FOLDER}:recipe_faults", "if not same:", "if False:", files.recipe_alt),
    (f"{FOLDER}:recipe_faults", "if not shown.issuperset(", "if False and (", files.recipe_number),
    (
        f"{FOLDER}:recipe_faults",
        "not all(map(_is_printed, lines, printed))",
        "False",
        files.recipe_rows,
    ),
    # drawings
    (f"{VECTOR}:svg_faults", 'if "<!--" in text or', "if", files.comment),
    (f"{VECTOR}:_part_faults", "if kind not in ELEMENTS:", "if False:", files.element),
    (f"{VECTOR}:_part_faults", "said and said != right.get(kind)", "False", files.words_inside),
    (f"{VECTOR}:_part_faults", "if after or (", "if (", files.words_behind),
    (f"{VECTOR}:_attribute_faults", "if name not in ATTRIBUTES:", "if False:", files.attribute),
    (f"{VECTOR}:_attribute_faults", "not NAME.fullmatch(value)", "False", files.part_name),
    (f"{VECTOR}:_attribute_faults", 'not value.startswith("#")', "False", files.way_out),
    (
        f"{VECTOR}:_attribute_faults",
        "{part[0].strip() for part in parts} - STYLES or",
        "",
        files.style,
    ),
    (f"{VECTOR}:_attribute_faults", 'or "url" in value', "", files.style_address),
    (f"{VECTOR}:_attribute_faults", "< FAINT", "< 0", files.faint),
    (f"{VECTOR}:_letter_faults", "if len(box) != 4:", "if False:", files.without_canvas),
    (f"{VECTOR}:_letter_faults", "if abs(scale) < SMALLEST:", "if False:", files.tiny),
    (f"{VECTOR}:_letter_faults", "if not (-EDGE", "if False and (-EDGE", files.off_canvas),
    (f"{VECTOR}:_letter_faults", "and not over:", "and False:", files.white),
    # the record beside the parameters: G18, G22, G23
    (f"{TOLD}:parameter_findings", "in _differing(told, record)", "in ()", files.other("region")),
    (f"{TOLD}:parameter_findings", "if not told:", "if False:", files.no_parameters),
    (f"{TOLD}:_differing", 'told.get("study_id")', 'record["study"]', files.other("study")),
    (
        f"{TOLD}:_differing",
        'told.get("region_id", NATIONAL)',
        'record["region"]',
        files.other("region"),
    ),
    (f"{TOLD}:_differing", ", NATIONAL)", ")", files.of_the_nation),
    (
        f"{TOLD}:_differing",
        'if "round_id" in told:',
        "if False:",
        files.other("round", 'round_id = "draft"\n'),
    ),
    (f"{TOLD}:_differing", "if not _is_source(", "if False and (", files.other("data_source")),
    (f"{TOLD}:input_findings", "record.get(name) != value", "False", files.other_inputs),
    (
        f"{TOLD}:parameters_of",
        "(PARAMETERS, INJECTED)",
        "(PARAMETERS,)",
        files.other_injected,
    ),
    (f"{TOLD}:order_findings", "or shown:", ":", files.shown_of_another_run),
    (f"{TOLD}:order_findings", "if counts != list(", "if False and list(", files.ran_twice),
    (f"{TOLD}:_line_findings", "if not all(", "if False and all(", files.list_of_fingerprints),
    (f"{TOLD}:_line_findings", "if said and", "if False and", files.line_of_the_record),
    (f"{TOLD}:check_run", "*check_notebook(nb),", "", files.checks_outputs),
    (f"{TOLD}:check_run", "*source_findings(nb),", "", files.checks_sources),
    (f"{TOLD}:check_run", "*parameter_findings(nb),", "", files.checks_parameters),
    (f"{TOLD}:check_run", "*order_findings(nb),", "", files.checks_order),
    (f"{TOLD}:check_run", "*line_findings(nb),", "", files.checks_line),
    # ids of the data: G31
    (f"{IDS}:Hashed.is_among", "any(self._holds(each)", "any(False", files.as_it_is),
    (f"{IDS}:Hashed.is_among", "candidates | pieces.numbers", "candidates", files.exact_value),
    (f"{IDS}:EveryData.is_in", "in self.sets", "in self.sets[:1]", files.id_of_another_set),
    (f"{IDS}:_value", 'text.rstrip("0")', "text", files.exact_value_in_thousands),
    (f"{NORMAL}:streams", 'if "<" in seen:', "if False:", files.split_by_markup),
    (f"{NORMAL}:streams", "in decoded_runs(seen):", "in ():", files.in_base64),
    (
        f"{NORMAL}:_joined",
        '_APART.sub("", text.casefold())',
        "text.casefold()",
        files.split_by_signs,
    ),
    (f"{NORMAL}:_joined", ".casefold()", "", files.as_it_is),
    (f"{NORMAL}:_joined", "text.casefold()", "text.lower().upper()", files.in_small_letters),
    (
        f"{NORMAL}:seen_text",
        'unicodedata.normalize("NFKC", text)',
        "text",
        files.in_wide_letters,
    ),
    (f"{NORMAL}:seen_text", r'if "\\" in text:', "if False:", files.in_escapes),
    (f"{NORMAL}:seen_text", 'if "%" in text:', "if False:", files.in_an_address),
    (f"{NORMAL}:seen_text", 'if "&" in text:', "if False:", files.in_entities),
    (
        f"{NORMAL}:decoded_runs",
        "for start in range(4):",
        "for start in ():",
        files.in_base64_behind,
    ),
    (
        f"{NORMAL}:decoded_runs",
        '.replace("-", "+").replace("_", "/")',
        "",
        files.in_base64_of_addresses,
    ),
    (f"{NORMAL}:decoded_runs", "in _HEX.finditer(text):", "in ():", files.in_hex),
)

OF_RELEASES = (
    # S13: beside an earlier release
    (
        f"{DIFFERENCING}:check_against",
        "next(small_differences(new, old, rules), None)",
        "None",
        runs.small_difference,
    ),
    (
        f"{DIFFERENCING}:check_against",
        "new.replaces != old.number",
        "False",
        runs.silent_correction,
    ),
    (f"{DIFFERENCING}:small_differences", "(closed and in_fives)", "in_fives", runs.open_in_fives),
    (f"{DIFFERENCING}:small_differences", "(closed and in_fives)", "closed", runs.small_difference),
    (f"{DIFFERENCING}:_in_fives", ">= rules.rounding_base.value", ">= 1", runs.small_difference),
    (f"{DIFFERENCING}:_may_be_small", "least == most == 0 or", "", runs.same_number_again),
    (f"{DIFFERENCING}:_may_be_small", "least >= threshold", "least >= 1", runs.small_difference),
    (f"{DIFFERENCING}:_may_be_small", "most <= -threshold", "most <= -1", runs.small_loss),
    (f"{DIFFERENCING}:_same_people", "else True", "else False", runs.another_folder),
    (f"{DIFFERENCING}:overlapping", "span is None or other is None or", "", runs.own_label),
    (
        f"{DIFFERENCING}:overlapping",
        "span[0] <= other[1] and other[0] <= span[1]",
        "span == other",
        runs.month_in_a_quarter,
    ),
    (
        f"{DIFFERENCING}:corrected",
        "before.get(_at(key, new), interval) != interval",
        "False",
        runs.silent_correction,
    ),
    (f"{LEDGER}:Release.is_closed", "drawn > end", "True", runs.open_in_fives),
    # the ledger
    (
        f"{CHAIN}:ChainedLog._lines",
        "_follows(line, number, previous)",
        '_follows(line, number, json.loads(line)["previous"])',
        runs.middle_changed,
    ),
    (
        f"{CHAIN}:ChainedLog._lines",
        "number == known and previous != last",
        "False",
        runs.last_changed,
    ),
    (
        f"{CHAIN}:ChainedLog._lines",
        "if not known <= len(found)",
        "if False <= len(found)",
        runs.cut_off,
    ),
    (
        f"{LEDGER}:beside_released",
        "if (release.study, release.data_hash) == (study, data_hash)",
        "if False",
        runs.earlier_tells,
    ),
    # what is released
    (f"{RELEASING}:release", "check_against(new, earlier)", "pass", runs.held_against_earlier),
    (f"{RELEASING}:release", "_attack(plan, source, round_id)", "pass", runs.attacked_before),
    (f"{RELEASING}:release", "if replaces is not None and", "if False and", runs.replaces_nothing),
    (f"{RELEASING}:_attack", "if not found.holds:", "if False:", runs.release_of_what_is_told),
    (
        f"{RELEASING}:_attack",
        "if not found.knows_all:",
        "if False:",
        runs.release_of_what_nobody_noted,
    ),
    (
        f"{RELEASING}:_attack",
        "if isinstance(found, Outcome):",
        "if False:",
        runs.release_without_attack,
    ),
    (
        f"{RELEASING}:_cleared_folders",
        "if name := altered_file(folder):",
        "if False:",
        runs.release_of_altered,
    ),
    (
        f"{RELEASING}:_cleared_folders",
        "if not record.cleared or",
        "if",
        runs.release_of_uncleared,
    ),
    (
        f"{RELEASING}:_cleared_folders",
        "gathered.missing or",
        "",
        runs.release_without_a_place,
    ),
    (f"{RELEASING}:_cleared_folders", "gathered.unlike or", "", runs.release_of_unlike),
)

OF_PLACES = (
    (f"{VERDICT}:Verdict.holds", "not self.recovered", "True", runs.tells_what_is_recovered),
    (f"{VERDICT}:_attacked", "_to_withhold(known)", "frozenset()", runs.tells_what_is_recovered),
    (f"{VERDICT}:_attacked", "if not known.counts:", "if False:", runs.nothing_noted),
    (f"{VERDICT}:_counts_of", "if not file.is_file():", "if False:", runs.place_without_counts),
    (
        f"{VERDICT}:_attacked",
        "beside_released(_together(attack), attack.run.study, data)",
        "_together(attack)",
        runs.attack_knows_the_ledger,
    ),
    (
        f"{ATTACKING}:told",
        "return not unknown, said",
        "return True, said",
        runs.printed_and_not_noted,
    ),
    (f"{ALONE}:_cleared", "if not found.complete:", "if False:", runs.not_cleared_without_a_place),
    (
        f"{ALONE}:_cleared",
        "if failed := _run_places(step, workers):",
        "if False:",
        runs.not_cleared_where_a_place_failed,
    ),
    (
        f"{PROTECTING}:next_step",
        "if is_exempt(run.study, run.source):",
        "if True:",
        runs.attacked_in_any_case,
    ),
    (
        f"{PROTECTING}:next_step",
        "if verdict.holds:",
        "if True:",
        runs.cleared_when_nothing_is_told,
    ),
    (
        f"{PROTECTING}:next_step",
        "or not verdict.further:",
        ":",
        runs.cleared_when_nothing_is_told,
    ),
    (f"{PROTECTING}:next_step", "attacks >= MOST_ROUNDS or", "", runs.not_cleared_in_the_end),
    (
        f"{PROTECTING}:next_step",
        "and not verdict.knows_all",
        "and False",
        runs.not_cleared_with_what_nobody_noted,
    ),
    (
        f"{PROTECTING}:next_step",
        "decide(run, gathered, verdict)",
        "pass",
        runs.decides_what_the_attack_wants,
    ),
    (
        f"{PROTECTING}:not_under",
        "if inputs.get(PROTECTION) != protected_by(decision, place).get(PROTECTION)",
        "if False",
        runs.place_under_an_old_decision,
    ),
    (f"{PROTECTING}:decide", ".with_(verdict.further)", "", runs.decision_holds_more),
    (f"{JOINT}:pool_input", "in decision.pooled", "in exact", runs.pool_without_the_withheld),
    (
        f"{JOINT}:CellDecision.pooled",
        "if len(self.shown) >= FEWEST_POOLED",
        "if True",
        runs.no_pool_of_one,
    ),
    # files of a run
    (f"{SEALED}:altered_file", "sealed.get(n) != here.get(n)", "n not in here", runs.edited),
    (f"{SEALED}:altered_file", "{*sealed, *here}", "{*sealed}", runs.added),
    (f"{SEALED}:altered_file", "{*sealed, *here}", "{*here}", runs.missing),
    (f"{SEALED}:altered_file", "or not sealed:", ":", runs.emptied),
    (f"{SEALED}:hash_of", "known[0] == now", "True", runs.edited),
)

OF_WORDS = (
    # exceptions
    (
        "rules:SmallestCount._lower_is_approved",
        "self.approved_by and self.reason",
        "self.reason",
        runs.lower_without_name,
    ),
    (
        "rules:SmallestCount._lower_is_approved",
        "self.approved_by and self.reason",
        "self.approved_by",
        runs.lower_without_reason,
    ),
    (
        "rules:SmallestCount._lower_is_approved",
        "self.value < DEFAULT_SMALLEST_COUNT",
        "False",
        runs.lower_without_approver,
    ),
    (
        "analysis.study.exceptions:exceptions_of",
        "if source_is_public(plan, source):",
        "if False:",
        runs.exceptions_are_named,
    ),
    (
        "analysis.study.exceptions:exceptions_of",
        "if lower.approved_by and lower.reason:",
        "if False:",
        runs.exceptions_are_named,
    ),
    (
        "analysis.study.public_counts:_is_of_the_plan",
        "file_hash(path) == digest",
        "True",
        runs.another_file_is_not_public,
    ),
    (
        "analysis.study.public_counts:_is_of_the_plan",
        "counts.public is None or",
        "",
        runs.undeclared_file_is_not_public,
    ),
    # what is said
    (f"{SAID}:cleared_count", "is_small(people, rules) or", "", runs.few_are_not_said),
    (f"{SAID}:cleared_count", "or name in asked.clearance.hidden", "", runs.hidden_are_not_said),
    (
        f"{SAID}:cleared_count",
        "round_to_base(people, rules.rounding_base.value)",
        "people",
        runs.said_in_fives,
    ),
    (
        f"{SAID}:cleared_count",
        "note(name, people, shown, where=asked.where)",
        "pass",
        runs.said_is_noted,
    ),
    (f"{SAID}:may_be_told", "share_is_protected(event, base, rules)", "False", runs.share_of_few),
    (
        f"{SAID}:may_be_told",
        "or is_unreliable(base, rules)",
        "",
        runs.share_of_an_unreliable_base,
    ),
    (f"{SAID}:may_be_told", "or any(", "or False and any(", runs.share_of_hidden),
    (f"{SAID}:cleared_share", "if not told:", "if False:", runs.share_withheld),
    (f"{SAID}:cleared_share", "told = beside and", "told =", runs.share_beside_a_withheld),
    (
        f"{SAID}:cleared_share",
        "rate_of(event, base, rules)",
        "100 * event / base",
        runs.share_of_fives,
    ),
    (
        f"{SAID}:cleared_share",
        "note(name, people, shown, where=asked.where)",
        "pass",
        runs.share_is_noted,
    ),
    (f"{SAID}:cleared_share", "note_relations([", "len([", runs.share_is_noted),
    (f"{SAID}:cleared_mean", "is_small(people, rules) or", "", runs.mean_of_few),
    (f"{SAID}:cleared_mean", "or is_unreliable(people, rules)", "", runs.mean_of_some),
    (
        f"{SAID}:decided",
        "if len(answers) == 1",
        "if answers",
        runs.no_answer_from_a_small_count,
    ),
    (
        f"{SAID}:decided",
        "found = range(min(rules.threshold, base + 1))",
        "found = (event,)",
        runs.no_answer_from_a_small_count,
    ),
    # S7
    (
        f"{SUMS}:is_dominated",
        "two >= LARGEST_TWO * total or",
        "",
        runs.two_make_nine_tenths,
    ),
    (f"{SUMS}:is_dominated", "np.abs(", "(", runs.sizes_without_sign),
    (
        f"{SUMS}:tells_of_a_person",
        "above_nothing < load_rules().threshold",
        "False",
        runs.few_have_anything,
    ),
    (
        f"{SUMS}:tells_of_a_person",
        "bool((values == values[0]).all()) or",
        "",
        runs.all_have_the_same,
    ),
    (f"{SUMS}:tells_of_a_person", "or is_dominated(values)", "", runs.mean_of_dominated),
    (f"{SUMS}:people_behind", "0 if few or", "0 if", runs.few_behind),
    (f"{SUMS}:people_behind", "or is_dominated(values)", "", runs.two_behind),
    (f"{SUMS}:smaller_side", "return min(", "return max(", runs.smaller_of_two),
    (
        f"{SUMS}:two_may_make_the_sum",
        "left >= persons - 2 and",
        "",
        runs.sum_of_which_one_has_most,
    ),
    (f"{SUMS}:two_may_make_the_sum", "and squares >= least", "", runs.sum_of_many),
)

CODINGS, SERIES = "codings", "series"
OUTSIDE = "analysis.runs.checking.outside"
OF_LEVELS = (
    # S14
    (
        f"{CODINGS}:loose_levels",
        "if not tied.together(whole, part)",
        "if False",
        levels.loose_level_blocks,
    ),
    (
        f"{CODINGS}:check_levels",
        "if loose := loose_levels(known, coding):",
        "if False:",
        levels.loose_level_blocks,
    ),
    (f"{CODINGS}:held_together", "low = 0.0 if", "low = -OPEN if", levels.levels_are_attacked),
    (
        f"{ATTACKING}:with_levels_and_periods",
        "*held_together(known, coding), ",
        "*(), ",
        levels.levels_are_attacked,
    ),
    (
        f"{CODINGS}:nest",
        "tree_of(one) == tree_of(other)",
        "True",
        levels.other_coding_is_refused,
    ),
    (
        f"{DIFFERENCING}:check_against",
        "_check_coding(new, old)",
        "pass",
        levels.other_coding_is_refused,
    ),
    # S19
    (
        f"{ATTACKING}:with_levels_and_periods",
        "*held_in_time(known)",
        "*()",
        levels.periods_are_attacked,
    ),
    (
        f"{ATTACKING}:with_levels_and_periods",
        "check_periods(tied)",
        "pass",
        levels.overlap_blocks_a_study,
    ),
    (f"{SERIES}:_filled", "0.0 if once else -OPEN", "-OPEN", levels.periods_fill_their_whole),
    (
        f"{SERIES}:check_periods",
        "if span.overlaps(beside) and",
        "if False and",
        levels.overlap_blocks,
    ),
    (f"{SERIES}:Series.__post_init__", "or len(lengths) > 1", "", levels.two_lengths),
    (f"{SERIES}:Series.__post_init__", "or not apart", "", levels.overlapping),
    (
        f"{SERIES}:Series.__post_init__",
        "not lengths <= set(LENGTHS) or",
        "",
        levels.odd_length,
    ),
    (
        f"{SERIES}:finest",
        "share_is_protected(event, base, rules)",
        "False",
        levels.finest_that_passes,
    ),
    (
        f"{SERIES}:finest",
        "if months < from_months:",
        "if False:",
        levels.no_finer_than_made_for,
    ),
    # outside the kernel: G30, G31
    (
        f"{OUTSIDE}:outside_findings",
        "!= _record(notebook)",
        "is None",
        levels.record_of_its_own,
    ),
    (f"{OUTSIDE}:id_findings", "if any(", "if False and any(", levels.id_in_a_cell),
    (
        f"{OUTSIDE}:_texts",
        'yield text_of(cell.get("source", ""))',
        "pass",
        levels.id_in_a_cell,
    ),
    (f"{OUTSIDE}:_texts", "if mime != PICTURE:", "if False:", levels.id_in_an_output),
    (f"{OUTSIDE}:id_findings", "{path.stem}\\n{beside}", "{beside}", levels.id_in_a_name),
    (f"{OUTSIDE}:id_findings", "{path.stem}\\n{beside}", "{path.stem}", levels.id_in_a_file),
)

ALL_OF_RUNS = (*OF_FILES, *OF_RELEASES, *OF_PLACES, *OF_WORDS, *OF_LEVELS, *OF_THE_SITE)
OF_RUNS = tuple(Mutation(*row) for row in ALL_OF_RUNS)
