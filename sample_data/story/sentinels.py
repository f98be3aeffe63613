"""The people of the cast, each of whom a careless answer gets wrong, and what the answer must say of them."""

from sample_data.story import datasets as d

# Person: the grade in the flagship answer (None: not in it), the trap, and why.
SENTINELS: dict[str, tuple[str | None, str, str]] = {
    "C-0217": ("confirmed", "read by key", "the identity check was fetched by key inside a poisoned run"),
    "C-0218": (None, "not the key", "the same run fetched other checks, not this one"),
    "C-0129": ("confirmed", "row as it was", "was in team quill at the time and moved only on 26 March"),
    "C-0130": (None, "row as it is now", "came to team quill on 26 March, after the query"),
    "C-0111": (None, "row erased before", "was in team quill, but the row was erased on 20 March"),
    "C-0412": (None, "joined after", "matches the query, but joined on 26 March"),
    "C-0237": ("confirmed", "second person", "asked the questions in a recording that was fetched by key"),
    "C-0066": ("probable", "column nobody indexed", "paid in DE; the amount asked for is in no record entry"),
    "C-0311": ("probable", "value not held", "in team quill; the level is in no record entry of this person"),
    "C-0290": ("probable", "LIMIT", "matches a query that gave back three of its rows"),
    "C-0078": ("probable", "late event", "in the input of a run whose events came in six days later"),
    "C-0173": (
        "possible",
        "began before the window",
        "removed at 10:20, while a run from 09:55 may have held it",
    ),
    "C-0174": (None, "removed before the run", "removed at 09:30, before that run began"),
    "C-0199": ("possible", "run without START", "in the input of a run of which only COMPLETE is known"),
    "C-0321": ("possible", "failed run", "in the input of a run that failed"),
    "C-0260": ("possible", "presence uncertain", "in the input of a run at TagWorks between two snapshots"),
    "C-0349": (
        "possible",
        "outcome unknown",
        "the check was asked for by key; whether it came back is not known",
    ),
    "C-0385": ("possible", "masked export", "in a form whose masked export a poisoned run read"),
    "C-0386": (None, "gone before the export", "the form was removed before the export was written anew"),
    "C-0188": ("possible", "credential", "read by key with the service account of poisoned runs"),
    "C-0206": ("possible", "credential", "read by key after the window, before the credential was rotated"),
    "C-0155": ("possible", "credential after the window", "read from a strange address before the rotation"),
    "C-0331": (None, "credential rotated", "read by key with the same account after the rotation"),
    "C-0046": (
        None,
        "before the release",
        "read by key with the same account before there was a bad version",
    ),
    "C-0094": ("possible", "read then insert", "copied by INSERT … SELECT under the same account"),
    "C-0400": (
        None,
        "other credential rotated",
        "in the mirror's nightly copy, after that account was rotated",
    ),
    "C-0263": (None, "denied", "both the payroll query and the identity check were refused"),
    "C-0301": (None, "overwritten clean", "in a bench list that was overwritten clean before it was read"),
    "C-0358": (None, "another vendor", "read by Brightdesk, in the window, from a clean environment"),
    "C-0375": (None, "another's environment", "read by Halden's own poisoned job, not within the vendor"),
    "C-0142": (None, "altered, not read", "the identity check was changed by key inside a poisoned run"),
    "C-0302": (None, "altered, not read", "the identity check was changed with the stolen credential"),
}
ALTERED = {"C-0142": "confirmed", "C-0302": "possible"}
CATEGORIES = {
    "C-0385": ["WorkHistory"],  # the export masks name and national id
    "C-0237": ["FacialPrint", "Picture", "ProfessionalInterview", "VoiceCommunicationRecording"],
    "C-0188": ["UID"],  # only contractor_id, team and level were asked for
    "C-0155": ["EmailAddress", "Name", "PhysicalAddress", "TelephoneNumber", "UID"],
    "C-0066": ["BankAccount", "Salary", "UID"],
}
CONTAMINATED: dict[str | None, list[d.Dataset]] = {
    "certain": [
        d.SKILLS_MATRIX, d.SKILL_CARDS, d.MATCH_SCORES, d.SHORTLISTS, d.REWARD_MIX, d.REWARD_MODEL,
        d.IDENTITY_CHECKS, d.ONBOARDING_STATUS,
    ],
    "possible": [
        d.CALL_SUMMARIES, d.PROFILE_VECTORS, d.REFERENCE_DIGESTS, d.LABEL_EXPORTS, d.QA_REPORTS, d.SFT_MIX,
        d.ASSISTANT_MODEL, d.MATCH_NOTES,
    ],
    None: [
        d.CAPACITY_PLAN, d.CONTACT_CARDS, d.ROSTER, d.BENCH_LIST, d.AVAILABILITY, d.JUDGE_SCORES, d.LEDGER,
    ],
}  # fmt: skip
