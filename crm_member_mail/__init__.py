from . import controllers, models, wizards
from .tools import log_filter
