"""E-mails: asked for once, sent once, and only what their person may see."""
