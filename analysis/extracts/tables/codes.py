"""Every rule that incoming files can break: one stable code a rule, its words and its remedy (TRUST
section 4).

E10x and E18x files, E11x ethnicity, E12x and E150 keys, E13x dates, E14x places, E155 to E157 the
calendar, E16x numbers, E17x people and what belongs to one person, E19x contract; E146 to E149
numbers, E152 to E154 published counts; E158, E159 and E250 to E269 tables of counts; E37x
mapping.yml; E385 to E387 files that are too large or hold no cells. A code is never reused. Neither
words nor remedies hold a value from the data.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from analysis.errors import Problem
from analysis.vocabulary.ethnicity import RECORDED

CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # files
        "E100": (
            "the table is missing",
            (
                "Put one file of this name, .csv or .parquet, into the folder, or name yours in"
                " mapping.yml."
            ),
        ),
        "E101": (
            "the file is empty",
            "Write the table again; a file of 0 bytes is often a broken transfer.",
        ),
        "E102": ("the file has a header and no rows", "Write the table again with its rows."),
        "E103": (
            "a column is missing",
            "Add it, named as in data/README.md, or name your heading in mapping.yml.",
        ),
        "E104": ("a column heading stands twice", "Keep one of the two columns."),
        "E105": (
            "a row has more or fewer fields than the header",
            "Put text that holds a comma in double quotes.",
        ),
        "E106": ("the file is not UTF-8 text", "Save it as CSV UTF-8."),
        "E107": (
            "a double quote is never closed, or stands inside a cell that begins without one",
            "Put the whole cell in double quotes, and write two of them for one inside.",
        ),
        "E108": ("a number is written with thousands separators", "Write digits only."),
        "E109": (
            "a cell holds far more text than any column allows",
            "Take the text out; no column holds more than 200 characters.",
        ),
        "E180": (
            "this is not a regular file",
            "Put a file here; folders, pipes and devices are not read.",
        ),
        "E181": ("the link leads nowhere or to itself", "Copy the file itself into the folder."),
        "E182": (
            "the file holds NUL bytes",
            "Write the table again; NUL bytes are often a broken disk or transfer.",
        ),
        "E183": ("the file is UTF-16 text", "Save it as CSV UTF-8, not as Unicode text."),
        "E184": ("the table stands here twice", "Keep either the .csv or the .parquet."),
        "E185": (
            "a spreadsheet is not read: it can hold hidden rows and formulas",
            "Save the table as CSV UTF-8.",
        ),
        "E186": ("the file cannot be read as Parquet", "Write it again, or write CSV."),
        "E187": (
            "the columns are not separated by commas",
            "Save it as CSV with commas, not semicolons or tabs.",
        ),
        "E188": (
            "rows stand above the header",
            (
                "Take the title, the notes and the empty rows above the header out; the first row"
                " names the columns."
            ),
        ),
        "E189": (
            "the data dictionary holds no table of this name",
            "Take it out, give it the name of its table, or name it in mapping.yml.",
        ),
        "E385": (
            "the type of a column holds no single cells (list, struct, map, time of day or other)",
            "Write one text, number, date or true or false in each cell.",
        ),
        "E386": (
            "the file holds, or unfolds to, more than is taken in",
            "Check how it was written; a table of people is far smaller.",
        ),
        "E387": (
            "the file is packed so that its footer does not say how much it unfolds to",
            "Write it again with plain or dictionary encoding.",
        ),
        # ethnicity
        "E110": (
            "NA, NULL or the like is no ethnic group and does not say what kind of missing it is",
            "Write not_stated, refused or not_recorded.",
        ),
        "E111": (
            "an empty cell does not say what kind of missing it is",
            "Write not_stated, refused or not_recorded.",
        ),
        "E112": (
            "no one has an ethnic group",
            "Ask for the column again; nothing can be compared without it.",
        ),
        "E113": (
            f"a value is no code of {RECORDED}",
            "Use the codes in data/README.md, or map your labels in mapping.yml.",
        ),
        "E114": (
            f"a broad group stands among the codes of {RECORDED}",
            "Write the finer code that was recorded, for every row.",
        ),
        "E115": (
            "a code of the 2001 census stands among those of 2021",
            "Recode from the original answer: Chinese moved from O1 to A4.",
        ),
        "E116": (
            "an ethnic group is a number, and there is no code book",
            "Write the codes in data/README.md, or put your code book into mapping.yml.",
        ),
        "E117": (
            "one mark stands for several kinds of missing",
            "Tell not_stated, refused and not_recorded apart.",
        ),
        "E118": (
            "an ethnic group is written by its label",
            "Write its code, or map the labels in mapping.yml.",
        ),
        "E119": (
            "one cell names several ethnic codes",
            "Write the one code that was recorded; a pair of codes is no answer.",
        ),
        # keys
        "E120": ("an id stands more than once", "Write one row for each key."),
        "E121": (
            "an id is empty",
            "Fill it or take the row out; empty ids would match each other.",
        ),
        "E122": (
            "ids are stored as numbers",
            "Store them as text, so that they match and keep leading zeros.",
        ),
        "E123": (
            "an id went through a decimal number",
            "Write ids as text; the decimal point is not part of them.",
        ),
        "E124": (
            "a spreadsheet turned an id into a number with an exponent",
            "Format the column as text before the ids are entered.",
        ),
        "E125": ("an id has lost its leading zeros", "Write ids as text in their full length."),
        "E126": (
            "a person stands in two regions",
            "Keep the region at first allocation, in every table.",
        ),
        "E127": (
            "a person stands with two ethnic groups",
            "Keep the person's own latest statement, once.",
        ),
        "E128": (
            "more than 10 % of the practitioner ids are not in practitioners",
            "Check that both extracts use the same ids; include leavers.",
        ),
        "E129": (
            "an id is not in the table that it must join to",
            "Draw all tables for the same people.",
        ),
        "E150": (
            "ids stand in small letters here and in capitals there",
            "Write each id in one way; every spelling is counted as an id of its own.",
        ),
        # dates
        "E130": ("a date does not exist", "Check day and month."),
        "E131": (
            "a date can be read in two ways",
            "Write YYYY-MM-DD, or state the format in mapping.yml.",
        ),
        "E132": (
            "a date is in another format",
            "Write YYYY-MM-DD, in every row, or state the format in mapping.yml.",
        ),
        "E133": ("a year has two digits", "Write YYYY-MM-DD."),
        "E134": (
            "a date is the number of a spreadsheet",
            "Format the column as YYYY-MM-DD before saving.",
        ),
        "E135": (
            "a date is a filler",
            "Leave unknown dates out; no one was supervised in 1900 or 1970.",
        ),
        "E136": (
            "a date is later than the extract",
            "Check it, or write the day of the extract in the table extract.",
        ),
        "E137": ("a date is earlier than the first allocation", "Check both dates."),
        "E138": (
            "reoffending is given for a person followed for under 18 months",
            "Leave it empty until 18 months have passed.",
        ),
        "E139": (
            "a quarter is not the first day of a quarter",
            "Write the first of January, April, July or October.",
        ),
        # places
        "E140": (
            "a region is not in the list",
            (
                "Use the ids in data/README.md, or map your names, or name another set of places,"
                " in mapping.yml."
            ),
        ),
        "E141": (
            "a region is one of the 7 divisions used before June 2021",
            "Recode from the office; divisions do not map to one region.",
        ),
        "E142": ("the Welsh name of a region", "Write wales."),
        "E143": (
            "a region is written by its name",
            "Write its id, or map your names in mapping.yml.",
        ),
        "E144": (
            "a prison is in prisons, but not on the first day of the quarter",
            "Add the row of prisons that holds on that day.",
        ),
        "E145": (
            "two rows say where one prison belongs on the same day",
            "End the earlier row the day before the later one begins.",
        ),
        # the calendar
        "E155": (
            "a quarter is missing among those that are counted together as a year",
            "Deliver it; in the table extract write the day up to which the tables are complete.",
        ),
        "E156": (
            "a quarter was not over on the day of the extract",
            "It is left out; deliver it with the next round.",
        ),
        "E157": (
            "a quarter has far fewer rows than those beside it",
            (
                "Check that all places delivered all of it; figures of a part are not those of a"
                " quarter."
            ),
        ),
        # numbers
        "E146": (
            "an event, or an answer, stands where nobody was at risk of it",
            (
                "Count events and time at risk over the same people and period; leave the event out"
                " or add its time."
            ),
        ),
        "E147": (
            "days are counted for a sentence that the row is not about",
            "Write 0, or correct sentence_type.",
        ),
        "E148": (
            "an id reads as a total or as a place, and is no person",
            "Take rows of totals out of the table; every row is added up here.",
        ),
        "E149": (
            "a number is smaller than can be",
            "Check the unit and what the column means in data/README.md.",
        ),
        "E160": (
            "a cell is not a number",
            "Write the digits 0 to 9 only; leave the cell empty where the column allows it.",
        ),
        "E161": ("a number is negative", "Check how it was counted."),
        "E162": ("more appointments kept than offered", "Count both over the same 12 months."),
        "E163": ("a number is larger than can be", "Check the unit and the period."),
        "E164": ("a number is infinite or not a number", "Leave out divisions by zero."),
        "E165": ("a rating is off its scale", "Ratings run from 1 to 5."),
        "E166": ("a number is not whole", "Write whole numbers; no averages or percentages."),
        "E167": ("a cell is neither 0 nor 1", "Write 1 for yes and 0 for no."),
        "E168": (
            "a part is larger than its whole",
            "Count both over the same people and the same quarter.",
        ),
        "E169": (
            "days on an order and days on licence stand in one row",
            "Keep the days of the sentence in sentence_type and write 0 for the other.",
        ),
        # rows that belong to each other
        "E177": (
            "rows of this table have no row in the table that tells what became of them",
            "Draw both tables for the same people and write both in full.",
        ),
        "E178": (
            "a person stands in two groups within one reporting period",
            "Write the person's own latest statement in every row of the period, in every table.",
        ),
        "E179": (
            "a person grows younger from one quarter to a later one",
            "Check the id and the age band.",
        ),
        # published counts
        "E152": (
            "a row of published counts stands more than once",
            "Keep one row for each measure, period and group.",
        ),
        "E153": (
            "a measure, period or ethnic group is none of those of the plan",
            "Write it as the plan and its coding do.",
        ),
        "E154": (
            "published counts of a measure, or of some ethnic groups of a period, are missing",
            "Add the rows that are missing, or leave the period of the measure out.",
        ),
        "E174": (
            "a cell was suppressed before it came here: a mark stands in place of a value",
            (
                "Send the records, not a suppressed table; never write 0 or leave the cell empty"
                " for a number that is hidden."
            ),
        ),
        "E175": (
            "a number is written with a decimal comma",
            "Write a point before the decimals; counts have none.",
        ),
        "E176": (
            "a word like yes or true stands where a number belongs",
            "Write the number that was counted.",
        ),
        # tables of counts that somebody else made (docs/counts.md)
        "E158": (
            "a group or a place that should stand beside the others has no row",
            "Add the row, with 0 where nobody was counted; a row that is missing is not a zero.",
        ),
        "E159": (
            "a period is neither a year nor a quarter",
            (
                "Write 2025, 2024/25 or 2025 Q1, or name the label in `counts › labels › period` of"
                " the plan."
            ),
        ),
        "E250": (
            "the table of counts cannot be read, or is far larger than such a table",
            "Check the path and who may read it; save the table again as CSV UTF-8, ODS or XLSX.",
        ),
        "E251": (
            "this kind of file is not read as a table of counts",
            "Save it as CSV UTF-8, ODS or XLSX.",
        ),
        "E252": ("the sheet is not in the file", "Name it in `counts › sheet` of the plan."),
        "E253": (
            "rows, columns or the sheet itself are hidden",
            "Show them or delete them; what nobody saw is not counted.",
        ),
        "E254": (
            "cells are merged among the numbers",
            (
                "Undo the merging; labels that hold for several rows go under `counts › fill_down`"
                " of the plan."
            ),
        ),
        "E255": (
            "a formula has no stored value",
            "Open the file in a spreadsheet and save it, or paste the values.",
        ),
        "E256": (
            "a column that the plan names is not in the header",
            "Check `counts › header_rows` and the headings.",
        ),
        "E257": (
            "a heading that the plan names stands twice",
            "Name another header row too, so that they differ.",
        ),
        "E258": (
            "the table has a header and no rows",
            "Check `counts › header_rows` and `stop_at` of the plan.",
        ),
        "E259": (
            "a cell that should hold a number holds something else",
            (
                "Write digits; a mark of suppressed numbers goes under"
                " `counts › suppressed › marks` of the plan."
            ),
        ),
        "E260": ("a count is negative", "Check how it was counted."),
        "E261": ("a count is not whole", "Write whole numbers; no averages or percentages."),
        "E262": (
            "there are more events than people at risk",
            "Count both over the same people and period.",
        ),
        "E263": (
            "a label is not known to the plan",
            (
                "Add it to `counts › labels` (a group may be not_known or not_mapped) or to"
                " `counts › totals`."
            ),
        ),
        "E264": (
            "most people stand in groups that the plan does not map",
            "Choose a coding of groups that fits the table.",
        ),
        "E265": (
            "two rows are of the same measure, group, place and period",
            "Keep one, or name what tells them apart in `counts › columns › strata`.",
        ),
        "E266": (
            "a cell is empty that should hold a number or a label",
            (
                "Write 0 where nobody was counted, or the mark of what was suppressed; a label"
                " above holds with `fill_down`."
            ),
        ),
        "E267": ("a percentage is above 100", "Write percentages from 0 to 100."),
        "E268": (
            "a column has numbers or labels that the plan does not name",
            "Name it in `counts`, or under `counts › ignore`.",
        ),
        "E269": (
            "rows with numbers stand below the row at which the plan stops",
            "Take the empty row out, or name the notes in `counts › notes_begin`.",
        ),
        # people
        "E170": (
            "the contract does not allow this column",
            "Take it out; only the columns in data/README.md may be sent.",
        ),
        "E171": (
            "a column that names or locates people",
            "Take it out of every file and tell your data protection officer.",
        ),
        "E172": (
            (
                "cells look like a police, court, prison or health number, a postcode or an e-mail"
                " address"
            ),
            "Replace them by pseudonyms.",
        ),
        "E173": ("cells hold free text", "Take it out; ids have letters, digits, - and _ only."),
        # contract
        "E190": (
            "a column breaks its contract",
            "Run `workbook check-data` for rows and remedies.",
        ),
        "E191": ("a cell is empty that must be filled", "Fill it, or take the row out and say so."),
        "E192": (
            "a value is not among those allowed",
            "Use the values in data/README.md, or map your labels in mapping.yml.",
        ),
        "E193": (
            "a cell is neither true nor false",
            "Write true or false, or map your words in mapping.yml.",
        ),
        "E194": (
            "an outcome is given for a sentence that cannot have it",
            "Leave it empty: breach is for orders, recall for licences.",
        ),
        "E195": (
            "an outcome is missing for a sentence that has it",
            "Write 0 or 1: breach for orders, recall for licences.",
        ),
        "E196": (
            "the table extract must have one row",
            "Write one row with the day of the extract.",
        ),
        "E197": ("the folder cannot be read", "Check the path and who may read it."),
        "E199": (
            "the files changed while they were read",
            "Wait until all of them are copied, and start again.",
        ),
        # mapping.yml
        "E370": ("this is not understood", "See “The supplier's own words” in data/README.md."),
        "E371": ("the data dictionary holds no such table", "Use the names in data/README.md."),
        "E372": ("the table has no such column", "Use the names in data/README.md."),
        "E373": ("this is no value of the column", "Map to a value in data/README.md."),
        "E374": (
            "this cannot be given a value by a label",
            (
                "Only categories, yes or no, and ratings have labels. A mark of a suppressed"
                " number, or an empty cell, is no number and never 0."
            ),
        ),
        "E375": (
            "a date format cannot be read without guessing",
            "State day, month and a year of four digits.",
        ),
        "E376": ("there is no such set of places", "Use a set of params/regions.yml."),
        "E377": (
            "the file that is named is not in the folder",
            "Name a file beside mapping.yml, .csv or .parquet.",
        ),
        "E378": (
            "two of the supplier's words stand for one, or one for two",
            "Keep one line for each.",
        ),
        "E198": (
            "the engine cannot read the file",
            "Run `workbook check-data` for rows and remedies.",
        ),
    }
)


def problem(
    code: str,
    file: str,
    *,
    row: int | None = None,
    column: str | None = None,
    count: int = 1,
    hint: str = "",
) -> Problem:
    """A Problem in the words of its code; `hint` goes before the remedy and holds valid words
    only."""
    rule, remedy = CODES[code]
    return Problem(
        code, file, rule, f"{hint} {remedy}".strip(), row=row, column=column, count=count
    )


def did_you_mean(found: str, valid) -> str:
    """A hint that names the nearest valid word, or nothing."""
    near = get_close_matches(found[:60].lower(), list(valid), n=1, cutoff=0.75)
    return f"Did you mean `{near[0]}`?" if near else ""
