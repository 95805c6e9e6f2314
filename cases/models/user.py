"""Staff accounts of both sides. Partners have API clients; reporters have no account."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from intake.encryption import SystemEncryptedTextField
from intake.references import new_id
from intake.vocabulary import Side


class Role(models.TextChoices):
    CASEWORKER = "caseworker", _("caseworker")
    SUPERVISOR = "supervisor", _("supervisor")
    PARTNER_COORDINATOR = "partner_coordinator", _("partner coordinator")
    AUDITOR = "auditor", _("auditor")
    WORKING_GROUP_MEMBER = "working_group_member", _("working-group member")
    ADMINISTRATOR = "administrator", _("administrator")


class UserAccounts(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator of one side. There is no account that may do everything."""
        fields.setdefault("roles", [Role.ADMINISTRATOR])
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    side = models.CharField(max_length=2, choices=Side)
    roles = models.JSONField(default=list)  # codes of Role
    directions = models.JSONField(default=list)  # numbers, for working-group members
    language = models.CharField(max_length=3, default="en")  # of the pages and mails
    languages_read = models.JSONField(default=list)
    timezone = models.CharField(max_length=40, default="Asia/Baku")
    phone = SystemEncryptedTextField(default="", blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "side"]
    objects = UserAccounts()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_address")]

    def __str__(self) -> str:
        return self.name

    def has_role(self, *roles: str) -> bool:
        return self.is_active and any(role in self.roles for role in roles)

    @property
    def is_staff(self) -> bool:
        """Django's admin holds reference data only; administrators alone may enter it."""
        return self.has_role(Role.ADMINISTRATOR)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
