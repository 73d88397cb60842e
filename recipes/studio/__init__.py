"""``multigan studio``: one page that generates, steers, trains and compares; whatever it does is also a command."""

import os

# gradio reads these when it is imported: nothing is told to anybody, and no model hub is asked for anything
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
# nor does it summarise how long its own events take, which would cost more than most of them
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "100"
