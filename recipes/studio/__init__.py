"""``multigan studio``: one page that generates, steers, trains and compares; whatever it does is also a command."""

import os

# gradio reads these when it is imported: nothing is told to anybody, and no model hub is asked for anything
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
