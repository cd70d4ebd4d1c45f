"""The WSGI application, for granian or any other server."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What is loaded by now, views too, stays as long as the process. The garbage collector need not go through it
# again: that takes a hundred milliseconds, of whatever request it happens to be in.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
