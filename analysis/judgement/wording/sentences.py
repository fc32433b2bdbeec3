"""The sentence tables, as data: what may be said, and what may not, for every class, kind and
claim.

Words follow the page rules, section 3 (use and avoid). Slots in braces are filled by statements.py
and nowhere else.
`CAN_SAY` holds the form for claims of cause (caused, likely); `CAN_SAY_LINKED` the one for claims
that are no more than a link: only the first may call anything a change for the better or for the
worse. SIZE by kind, side of the interval and level: observed, bare (no level is told), or estimated
(the level to compare with is one that a model gives).
"""

from analysis.said.texts import worded

_ONE_SIDE = worded("The 95% confidence interval is {near} to {far} {fewer}.")
_BOTH_SIDES = worded("The 95% confidence interval runs from {low} to {high}.")
_WE_COMPARE = "We compare {G} with {C}."
_WITHOUT = worded("We estimate it would have been {w}{per_hundred} without {X}.{observed}")
_SHARE_BEST = worded("Our best estimate for {G} is {d_fewer} in every 100.")
_SHARE_OF_FIRST = worded("Our best estimate is that {d_fewer} in every 100 of the first {E}.")
_SCALE_BEST = "Our best estimate for {G} is {d_fewer}."
_MEASURE = "The measure is {M}{range}."
# Each sentence tells one thing, so that none is longer than 40 words: the level to compare with,
# the best estimate, its interval, and what was allowed for.
_SIZE = {
    (
        "share",
        "one_side",
        "level",
    ): f"{{b}} in every 100 {{C}} {{E}}. {_SHARE_BEST} {_ONE_SIDE}{{allowing}}",
    (
        "share",
        "both_sides",
        "level",
    ): f"{{b}} in every 100 {{C}} {{E}}. {_SHARE_BEST} {_BOTH_SIDES}{{allowing}}",
    (
        "share",
        "one_side",
        "bare",
    ): f"{_WE_COMPARE} {{d}} {{fewer}} in every 100 of the first {{E}}. {_ONE_SIDE}{{allowing}}",
    ("share", "both_sides", "bare"): f"{_WE_COMPARE} {_SHARE_OF_FIRST} {_BOTH_SIDES}{{allowing}}",
    ("share", "one_side", "estimated"): (
        f"{{d}} {{fewer}} in every 100 {{G}} {{E}} than without {{X}}. {_ONE_SIDE}"
        f" {_WITHOUT}{{allowing}}"
    ),
    ("share", "both_sides", "estimated"): (
        "We estimate that {d_fewer} in every 100 {G} {E} {than_without} {X}."
        f" {_BOTH_SIDES} {_WITHOUT}{{allowing}}"
    ),
    (
        "time_to_event",
        "one_side",
        "level",
    ): f"{{By}}{{b}} in every 100 {{C}} {{E}}. {_SHARE_BEST} {_ONE_SIDE}{{hazard}}{{allowing}}",
    (
        "time_to_event",
        "both_sides",
        "level",
    ): f"{{By}}{{b}} in every 100 {{C}} {{E}}. {_SHARE_BEST} {_BOTH_SIDES}{{hazard}}{{allowing}}",
    ("time_to_event", "one_side", "bare"): (
        f"{_WE_COMPARE} {{By}}{{d}} {{fewer}} in every 100 of the first {{E}}."
        f" {_ONE_SIDE}{{hazard}}{{allowing}}"
    ),
    ("time_to_event", "both_sides", "bare"): (
        f"{_WE_COMPARE} {{By}}{{our}} best estimate is that {{d_fewer}} in every 100 of the first"
        f" {{E}}. {_BOTH_SIDES}{{hazard}}{{allowing}}"
    ),
    ("time_to_event", "one_side", "estimated"): (
        f"{{By}}{{d}} {{fewer}} in every 100 {{G}} {{E}} than without {{X}}. {_ONE_SIDE}{{hazard}}"
        f" {_WITHOUT}{{allowing}}"
    ),
    ("time_to_event", "both_sides", "estimated"): (
        "{By}{we} estimate that {d_fewer} in every 100 {G} {E} {than_without} {X}."
        f" {_BOTH_SIDES}{{hazard}} {_WITHOUT}{{allowing}}"
    ),
    ("scale", "one_side", "level"): (
        "On {M}{range}, {C} averaged {b}. Our best estimate for {G} is {d} {points} {fewer}. The"
        " 95% confidence interval is {near} to {far} points {fewer}.{allowing}"
    ),
    (
        "scale",
        "both_sides",
        "level",
    ): f"On {{M}}{{range}}, {{C}} averaged {{b}}. {_SCALE_BEST} {_BOTH_SIDES}{{allowing}}",
    ("scale", "one_side", "bare"): (
        f"{_MEASURE} {{G_first}} scored {{d}} {{points}} {{fewer}} than {{C}}. The 95% confidence"
        " interval is {near} to {far} points {fewer}.{allowing}"
    ),
    ("scale", "both_sides", "bare"): (
        f"{_MEASURE} Our best estimate for {{G}} is {{d_fewer}} {{than_scale}} {{C}}."
        f" {_BOTH_SIDES}{{allowing}}"
    ),
    ("scale", "one_side", "estimated"): (
        f"{_MEASURE} {{G_first}} scored {{d}} {{points}} {{fewer}} than without {{X}}. The 95%"
        f" confidence interval is {{near}} to {{far}} points {{fewer}}. {_WITHOUT}{{allowing}}"
    ),
    ("scale", "both_sides", "estimated"): (
        f"{_MEASURE} Our best estimate for {{G}} is {{d_fewer}} {{than_without}} {{X}}."
        f" {_BOTH_SIDES} {_WITHOUT}{{allowing}}"
    ),
    ("rate", "one_side", "level"): (
        "{G_first} {E} {r_text} as {C}. The 95% confidence interval is {low} to {high}"
        " times.{levels}{allowing}"
    ),
    ("rate", "one_side", "bare"): (
        "{G_first} {E} {r_text} as {C}. The 95% confidence interval is {low} to {high}"
        " times.{allowing}"
    ),
    ("rate", "both_sides", "level"): (
        f"{_WE_COMPARE} Our best estimate is that the first group {{E}} {{r_text}}."
        f" {_BOTH_SIDES}{{levels}}{{allowing}}"
    ),
    ("rate", "both_sides", "bare"): (
        f"{_WE_COMPARE} Our best estimate is that the first group {{E}} {{r_text}}."
        f" {_BOTH_SIDES}{{allowing}}"
    ),
}
SIZE = {key: worded(text) for key, text in _SIZE.items()}

_ENOUGH = "Even the end of the interval nearest to {none} is at least the size that matters ({W})."
_HARM_RULE = "{harm_rule}"
CAN_SAY = {
    "benefit_matters": f"This is a change for the better. {_ENOUGH}",
    "benefit_size_uncertain": (
        "This is a change for the better. It may be smaller than the size that matters ({W})."
    ),
    "harm_matters": f"This is a change for the worse. {_ENOUGH}{_HARM_RULE}",
    "harm_size_uncertain": (
        "This is a change for the worse. It may be smaller than the size that matters"
        f" ({{W}}).{_HARM_RULE}"
    ),
    "no_meaningful_difference": (
        "Any difference, either way, is very likely smaller than the size that matters ({W})."
    ),
    "detectable_but_small": (
        "There is a difference, for the {better}. It is very likely smaller than the size that"
        " matters ({W})."
    ),
    "inconclusive": (
        "There is too little information to tell whether this is better, worse or the same."
        " Differences of the size that matters ({W}) are possible both ways."
    ),
    "inconclusive_capped": (
        "There is too little information to tell whether this is better, worse or the same:"
        " {reason}."
    ),
    "inconclusive_attenuated": (
        "We cannot tell whether this is better, worse or the same: {attenuated}. Differences of the"
        " size that matters ({W}) are possible."
    ),
    "inconclusive_harm_unlikely": (
        "There is too little information to tell whether this is better. A difference for the worse"
        " as large as the size that matters ({W}) is unlikely."
    ),
    "inconclusive_benefit_unlikely": (
        "There is too little information to tell whether this is worse. A difference for the better"
        " as large as the size that matters ({W}) is unlikely."
    ),
    "only_before_adjustment": (
        "Taken alone this would count as a difference for the {better}. It does not once we allow"
        " for {comparisons}."
    ),
    "direction_undefined": "The plan does not call this better or worse{why}.",
    "unreliable": (
        "This estimate rests on too few units to be relied on; it is shown, and it is not called"
        " better or worse."
    ),
    "rank_only": "{rank_text}.",
    "placebo": (
        "{P} did not take part. Its figures show how much a {place_one} moves without the pilot."
    ),
    "described": (
        "These are counts for {P}. There is no comparison, so we did not work out a difference."
    ),
    "not_estimable": "We did not work out a difference: {reason}.",
    "withheld": "Withheld to protect people.",
    "not_reliable": (
        "{n_people}: too few for a rate to be relied on. The count is shown, no comparison is"
        " drawn."
    ),
    "no_base": "{published}The number of people was not published, so there is no margin of error.",
}
CAN_SAY_LINKED = CAN_SAY | {
    "benefit_matters": f"Outcomes were better among {{G}}. {_ENOUGH}",
    "benefit_size_uncertain": (
        "Outcomes were better among {G}. The difference may be smaller than the size that matters"
        " ({W})."
    ),
    "harm_matters": f"Outcomes were worse among {{G}}. {_ENOUGH}{_HARM_RULE}",
    "harm_size_uncertain": (
        "Outcomes were worse among {G}. The difference may be smaller than the size that matters"
        f" ({{W}}).{_HARM_RULE}"
    ),
    "detectable_but_small": (
        "Outcomes were {better} among {G}. The difference is very likely smaller than the size that"
        " matters ({W})."
    ),
    "inconclusive": (
        "There is too little information to tell whether outcomes among {G} are better, worse or"
        " the same. Differences of the size that matters ({W}) are possible both ways."
    ),
    "inconclusive_capped": (
        "There is too little information to tell whether outcomes among {G} are better, worse or"
        " the same: {reason}."
    ),
    "inconclusive_attenuated": (
        "We cannot tell whether outcomes among {G} are better, worse or the same: {attenuated}."
        " Differences of the size that matters ({W}) are possible."
    ),
    "inconclusive_harm_unlikely": (
        "There is too little information to tell whether outcomes among {G} are better. Outcomes"
        " worse by the size that matters ({W}) are unlikely."
    ),
    "inconclusive_benefit_unlikely": (
        "There is too little information to tell whether outcomes among {G} are worse. Outcomes"
        " better by the size that matters ({W}) are unlikely."
    ),
    "only_before_adjustment": (
        "Taken alone this would count as {better} outcomes among {G}. It does not once we allow for"
        " {comparisons}."
    ),
}

CANNOT_SAY = {
    "benefit_matters": (
        "That it will be as large elsewhere or later, or that every ethnic group gains alike"
    ),
    "benefit_size_uncertain": "That it is large enough to matter",
    "harm_matters": (
        "That the people who ran it were at fault, or that only those counted here are affected"
    ),
    "harm_size_uncertain": "That it is too small to act on",
    "no_meaningful_difference": (
        "That the two sides are exactly alike, or that no group or place differs"
    ),
    "detectable_but_small": "That the difference is important because it was detected",
    "inconclusive": "That it works, that it does not work, or that the two sides are alike",
    "inconclusive_harm_unlikely": "That it is safe for every group, or that it works",
    "inconclusive_benefit_unlikely": "That it does not work, or that it does harm",
    "only_before_adjustment": "That this place or group has been shown to differ",
    "direction_undefined": "That things have improved or got worse",
    "unreliable": "That it is better, worse or the same",
    "rank_only": worded(
        "That this was not chance: with {places} {places_many} even first place happens 1 time in"
        " {places}"
    ),
    "placebo": "Anything about the pilot in {P}",
    "described": "That the pilot caused any of it",
    "not_estimable": "That the two sides are alike, or that anyone withheld it",
    "withheld": "That the number is zero, small, good or bad",
    "not_reliable": "Whether this group does better or worse",
    "no_base": "Whether the gap could be chance",
}
# Added where a difference is said and the claim is no more than a link.
CANNOT_SAY_CAUSE = "that {X} made the difference"

KIND_NOT = {
    "share": "what would happen to any one person",
    "rate": (
        "how many people are affected, from the ratio alone; that {r_text} shows unfair treatment"
        " by any person"
    ),
    "scale": "that people act differently because they score differently{scale_check}",
    "time_to_event": (
        "what happens after {month_h}; that those who left for other reasons would have fared the"
        " same"
    ),
}
SCALE_CHECK = "; that a point means the same to every group, which the scale check has not shown"

CAUSE = {
    "caused": "{Units} were placed by lot, so we can put this down to {X}.",
    "likely": "If {assumption}, this is down to {X}{check_text}.",
    "linked": "This is a link, not proof of cause: the two groups may differ in other ways.",
    "described": "Other changes at the same time could account for it{rivals}.",
}
# After it, where checks that the claim rests on were not all borne out: one sentence each.
UNMET = "A stronger claim would need more. {unmet}"
