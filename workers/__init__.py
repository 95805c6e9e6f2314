"""Workers: whom we tell. The only room that knows Celery; has no models."""
