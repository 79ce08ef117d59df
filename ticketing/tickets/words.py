"""The words of a ticket: closed sets that rules, tables, pages and the API share."""

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEED_INFO = "need_info"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    RETURN_REVIEW = "return_review"
    PROCESSING = "processing"
    SUSPENDED = "suspended"
    REPLY_REVIEW = "reply_review"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Action(StrEnum):
    """What can be done to a ticket; each is one endpoint, one permission, one event."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    REQUEST_INFO = "request_info"
    SUPPLY_INFO = "supply_info"
    REJECT = "reject"
    ANSWER_NOW = "answer_now"
    DISPATCH = "dispatch"
    SIGN = "sign"
    REQUEST_RETURN = "request_return"
    RULE_RETURN = "rule_return"
    TRANSFER = "transfer"
    UP_REPORT = "up_report"
    SEND_DOWN = "send_down"
    CONTACT = "contact"
    SUBMIT_REPLY = "submit_reply"
    APPROVE_REPLY = "approve_reply"
    SEND_BACK = "send_back"
    REVISIT = "revisit"
    RATE = "rate"
    CLAIM = "claim"
    ASSIGN = "assign"
    INVITE = "invite"
    ASSIGN_PART = "assign_part"
    FINISH_PART = "finish_part"
    APPROVE_PART = "approve_part"
    SEND_BACK_PART = "send_back_part"
    CANCEL_PART = "cancel_part"
    REQUEST_EXTENSION = "request_extension"
    DECIDE_EXTENSION = "decide_extension"
    SUSPEND = "suspend"
    RESUME = "resume"
    MESSAGE = "message"
    NOTE = "note"
    URGE = "urge"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    REVOKE_CARD = "revoke_card"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    UNMERGE = "unmerge"
    # Recorded, but not steps of the life cycle: a file was added, a masked contact was shown to somebody,
    # a new version of a working calendar moved the promises.
    ATTACH = "attach"
    REVEAL = "reveal"
    # A clock or another cause called for somebody higher.
    ESCALATE = "escalate"
    RECOUNT = "recount"
    # Nobody could act: the duty officer was named handler.
    HAND_OVER = "hand_over"
    # A joint meeting about the ticket was called, moved, written up; what it decided, told to the company.
    MEET = "meet"
    CONSULTED = "consulted"


class Kind(StrEnum):
    """What sort of request it is."""

    CONSULT = "consult"
    HELP = "help"
    COMPLAINT = "complaint"
    VIOLATION_REPORT = "violation_report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


class Level(StrEnum):
    """How pressing or heavy it is."""

    NORMAL = "normal"
    URGENT = "urgent"
    MAJOR = "major"


class Channel(StrEnum):
    """The way a request came in."""

    PLATFORM = "platform"
    PHONE = "phone"
    COUNTER = "counter"
    STATION = "station"
    VISIT = "visit"
    MEETING = "meeting"
    HOTLINE_12345 = "hotline_12345"
    APP_SST = "app_sst"
    DEPT_REPORT = "dept_report"
    CANT_DO_WINDOW = "cant_do_window"
    FORUM_HSWS = "forum_hsws"
    BIZ_ENV_LINE = "biz_env_line"


class Solved(StrEnum):
    """Whether the company says it is solved."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class ReturnReason(StrEnum):
    """Why a unit asks to send a ticket back."""

    WRONG_FUNCTION = "wrong_function"
    WRONG_TERRITORY = "wrong_territory"
    UNCLEAR_DUTY = "unclear_duty"
    OVERLAPPING_DUTY = "overlapping_duty"
    INCOMPLETE = "incomplete"
    DUPLICATE = "duplicate"
    IN_STATUTORY_PROCEDURE = "in_statutory_procedure"
    OUT_OF_SCOPE = "out_of_scope"


class RejectReason(StrEnum):
    """Why a request is not taken."""

    OUT_OF_SCOPE = "out_of_scope"
    EMERGENCY = "emergency"
    OTHER_BRANCH = "other_branch"
    LITIGATION = "litigation"
    IN_STATUTORY_PROCEDURE = "in_statutory_procedure"
    SECRET_OR_PRIVACY = "secret_or_privacy"  # noqa: S105 - a reason code, not a secret
    ABUSE = "abuse"


class SuspendReason(StrEnum):
    """Why the work has to wait."""

    AWAITING_REQUESTER = "awaiting_requester"
    ENGINEERING = "engineering"
    SEASON = "season"
    AWAITING_POLICY = "awaiting_policy"


class ContactOutcome(StrEnum):
    """How a call to the requester went."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"


class Card(StrEnum):
    """How heavily a supervision case weighs."""

    YELLOW = "yellow"
    RED = "red"


class MeetingPhase(StrEnum):
    """What became of a joint meeting about a ticket."""

    CALLED = "called"
    MOVED = "moved"
    CANCELLED = "cancelled"
    LEFT_OUT = "left_out"
    ISSUED = "issued"
    AMENDED = "amended"


class ExtensionState(StrEnum):
    """What became of a request for more time."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class Orphaned(StrEnum):
    """Why nobody could act on an open ticket, so that the duty officer was named."""

    DISABLED = "disabled"
    ABSENT = "absent"
    ELSEWHERE = "elsewhere"
    CLOSED = "closed"
    NOBODY = "nobody"


ENDED = frozenset({State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED})
OPEN = frozenset(State) - ENDED - {State.DRAFT}
# Open states in which nobody of the district can go on: they wait for somebody outside or for a date.
WAITING = frozenset({State.NEED_INFO, State.SUSPENDED, State.REPLIED})
# What no figure judges: taken back, joined to another, or never the district's to do.
UNASSESSED = frozenset({State.MERGED, State.WITHDRAWN, State.REJECTED})
SATISFIED_FROM = 3
