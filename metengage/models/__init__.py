"""Every table, and the facts true of a single row: people, what is published to them, what is sent."""

from metengage.models.people import (
    Area,
    Attempt,
    Consent,
    Link,
    Membership,
    Officer,
    Postcode,
    Resident,
    Subscription,
    Suppression,
    Team,
    TeamWard,
    ThemeChoice,
    Waiting,
)
from metengage.models.publishing import Alert, AlertArea, Digest
from metengage.models.sending import Allowance, Bounce, Delivery, Journal, Pause, Sender

TABLES = (
    Area,
    Postcode,
    Resident,
    Consent,
    ThemeChoice,
    Subscription,
    Waiting,
    Link,
    Suppression,
    Attempt,
    Team,
    TeamWard,
    Officer,
    Membership,
    Alert,
    AlertArea,
    Digest,
    Delivery,
    Bounce,
    Pause,
    Allowance,
    Sender,
    Journal,
)
