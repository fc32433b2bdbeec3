"""Types of planted values, shared by the services."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[float, Field(strict=False)]
Share = Annotated[float, Field(strict=False, ge=0, le=1)]
Shares = dict[str, Share]
Effects = dict[str, Number]
Factor = Annotated[float, Field(strict=False, gt=0)]
Factors = dict[str, Factor]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
