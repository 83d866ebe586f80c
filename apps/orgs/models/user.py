"""The person who signs in: known by an e-mail address, without a user name."""

from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address, always in lower case so that one person is one row."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who may sign in."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator: a person who may also enter the admin."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.confirm_address()
        return user


class User(AbstractUser):
    """A person who signs in."""

    username = None  # type: ignore[assignment]  # Django's own field, replaced by the address
    email = models.EmailField(_("e-mail address"), unique=True)

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.email

    def confirm_address(self) -> None:
        """Take the address as confirmed: whoever runs commands here vouches for it."""
        # `collect` has no allauth to import it from.
        addresses = apps.get_model("account", "EmailAddress").objects
        addresses.update_or_create(user=self, email=self.email, defaults={"verified": True, "primary": True})
