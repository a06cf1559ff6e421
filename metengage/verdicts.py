"""What a mail server's status code and words say of a mailbox: gone for good, or only not now. Pure.

The codes are those of RFC 3463, RFC 7505 (5.1.10) and Microsoft (5.4.310). A refusal as policy, 5.7.x, speaks of us
or of the message, never of the mailbox.
"""

import re

from metengage.models import Bounce

ENHANCED = re.compile(r"(?<![\w.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![\w]|\.[0-9])")
BASIC = re.compile(r"(?<![\w.])([45])[0-9]{2}(?![\w.])")
# The mailbox or the whole domain is not there.
GONE = re.compile(r"5\.1\.(1|2|3|6|10)|5\.4\.(4|310)")
# Servers use these for anything: then their words decide.
VAGUE = re.compile(r"5\.0\.0|5\.1\.0|5\.2\.[01]|5\.3\.0|5\.4\.[01]|5\.5\.0|")
GONE_IN_WORDS = re.compile(
    r"""unknown\ (user|recipient|mailbox|address|account|local)
    | (user|recipient|mailbox|address|account|addressee|alias).{0,80}?\b
      (unknown|unavailable|not\ (found|known|exist|listed|here|a\ valid)|(does|do)n['’o]t\ exist|disabled|inactive
       |suspended|deactivated|closed|invalid|rejected|no\ longer)
    | \bno\ (such\ )?(user|recipient|mailbox|address|account|person)
    | (does\ not|doesn['’]t|don['’]t)\ (exist|have\ an?\ .{0,60}account)
    | (invalid|undeliverable|unrouteable|bad|illegal)\ (recipient|mailbox|address|user)
    | (host|domain).{0,80}?(not\ found|unknown|not\ exist) | nxdomain""",
    re.IGNORECASE | re.VERBOSE,
)
# … unless they speak of the sender, of the message, or of this moment.
OF_SOMETHING_ELSE = re.compile(
    r"""\b(sender|client\ host|helo|spam\w*|unsolicited|polic(y|ies)|block(ed|list\w*)?|blacklist\w*|deny\ ?list\w*
    |dnsbl|rbl|reputation|virus\w*|malware|dmarc|spf|dkim|gr[ea]y\ ?list\w*|(over\ ?)?quota|full|too\ (large|many|big)
    |(too\ quickly|receiving\ mail\ at\ a\ rate)|rate\ limit\w*|throttl\w*|loop|try\ again|temporar\w+)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def judge(status: str, words: str, otherwise: str = Bounce.SOFT) -> tuple[str, str]:
    """(Bounce.HARD or Bounce.SOFT, code) of an email that was given up.

    `status` is an enhanced code, perhaps empty; `otherwise` is the verdict when neither code nor words say anything.
    """
    code = code_of(status, words)
    if GONE.fullmatch(code):
        return Bounce.HARD, code
    if not VAGUE.fullmatch(code) or OF_SOMETHING_ELSE.search(words):
        return Bounce.SOFT, code
    return (Bounce.HARD if GONE_IN_WORDS.search(words) else otherwise), code


def code_of(status: str, words: str) -> str:
    """The most telling code: a server's own words often know more than the 5.0.0 that somebody put above them."""
    given = ENHANCED.search(status)
    if given and not given[1].endswith(".0.0"):
        return given[1]
    said = ENHANCED.search(words) or given
    if said:
        return said[1]
    basic = BASIC.search(words)
    return f"{basic[1]}.0.0" if basic else ""
