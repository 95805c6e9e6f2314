"""The site for a WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cases.conf.settings")
application = get_wsgi_application()

# What is loaded by now stays for the life of the process: the collector need not look through it at every turn. Nearly
# all that a request makes goes without the collector, which therefore comes less often (the usual threshold is 700).
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
