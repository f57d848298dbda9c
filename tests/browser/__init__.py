"""JupyterLab in Chromium, as a person meets it."""
