"""Mail: composed from templates/mail/ in the reader's language, kept until a mail server took it.

mail.send("invitation", to="ada@example.org", context={"organization": "Fernweh", "url": "https://..."})
"""

from apps.shared.mail.compose import Composed, compose
from apps.shared.mail.delivery import deliver, send, send_waiting

__all__ = ["Composed", "compose", "deliver", "send", "send_waiting"]
