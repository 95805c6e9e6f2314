"""What stands on the reporter's page. cases writes the public status here through an intake action."""

from django.db import models


class PublicStatus(models.Model):
    report = models.OneToOneField("intake.Report", on_delete=models.CASCADE, primary_key=True, related_name="status")
    code = models.CharField(max_length=24)  # a case state; the words come from the glossary's R column
    expected_by = models.DateTimeField(null=True)  # when the next step is due, where it has a clock
    organisation = models.ForeignKey("intake.Body", on_delete=models.SET_NULL, null=True)  # who has accepted
    updated_at = models.DateTimeField()
