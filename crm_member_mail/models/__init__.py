# The models come before their slices: a room extends what those above it define.
from . import account  # isort: skip
from . import message  # isort: skip
from . import conversation  # isort: skip
from . import matching  # isort: skip
from . import filing  # isort: skip
from . import scan  # isort: skip
from . import sending  # isort: skip
from . import privacy  # isort: skip
from . import screens  # isort: skip
