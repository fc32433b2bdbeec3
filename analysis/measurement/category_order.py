"""The order of the categories of a rating: what was said, never what the alphabet gives."""

import pandas as pd


def ordered_categories(
    ratings: pd.Series, scale: list | tuple | None, *, ordinal: bool = True
) -> list:
    """Categories from the lowest to the highest: `scale`, an ordered categorical's own order, or
    numbers by size.

    ValueError where the ratings are words and nobody said which is higher: "adequate, good, poor"
    is no scale.
    `ordinal` False: the order does not matter to the caller (unweighted agreement).
    """
    if scale is not None:
        return list(scale)
    found = ratings.dropna()
    if isinstance(ratings.dtype, pd.CategoricalDtype):
        if ratings.dtype.ordered or not ordinal:
            present = set(found)
            return [category for category in ratings.dtype.categories if category in present]
    elif (
        pd.api.types.is_numeric_dtype(ratings.dtype)
        or not ordinal
        or all(isinstance(value, (int, float)) for value in found)
    ):
        return sorted(found.unique())
    raise ValueError(
        f"column {ratings.name!r} holds words: give `scale`, the categories from the lowest to the"
        " highest"
    )
