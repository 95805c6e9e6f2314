"""How many wrong codes were tried in an hour, once they are too many to be mistakes. No network, no code."""

from django.db import models


class GuessAlarm(models.Model):
    hour = models.DateTimeField(primary_key=True)
    wrong_codes = models.PositiveIntegerField(default=0)  # in steps of count_guesses.ALARM_EVERY
