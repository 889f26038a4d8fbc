"""Write the parse table anew: ``python -m lexald.dsl.grammar``."""

import json
from pathlib import Path

from . import TABLE, build_table

data = build_table()
states = ",\n".join(json.dumps(state, ensure_ascii=False) for state in data.pop("states"))
head = json.dumps(data, ensure_ascii=False, indent=0)[:-2]
Path(__file__).with_name(TABLE).write_text(
    f'{head},\n"states": [\n{states}\n]\n}}\n', encoding="utf-8"
)
