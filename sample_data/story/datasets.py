"""The datasets of the story: their names as OpenLineage gives them, and their fields with types."""

from dataclasses import dataclass

PEOPLE_DB = "postgres://people-db:5432"
INTERVIEWS = "s3://halden-interviews"
EXPORTS = "s3://northgate-exports"
ANNOTATION = "s3://halden-annotation"
TRAINING = "s3://halden-training"


@dataclass(frozen=True)
class Dataset:
    """A dataset and its fields as ``(name, type)``."""

    namespace: str
    name: str
    fields: tuple[tuple[str, str], ...]


def _dataset(namespace: str, name: str, fields: str) -> Dataset:
    """``fields`` is ``name:type name:type``; a field without a type is a string."""
    pairs = (field.partition(":") for field in fields.split())
    return Dataset(namespace, name, tuple((name, kind or "string") for name, _, kind in pairs))


# What has record entries: somebody keeps a list of whose data lies in it.
CONTRACTORS = _dataset(
    PEOPLE_DB,
    "people.public.contractors",
    "contractor_id full_name email phone address country team level:integer status",
)
PAYROLL = _dataset(
    PEOPLE_DB,
    "people.public.payroll",
    "payroll_id contractor_id iban tax_id monthly_amount:numeric currency country pay_grade",
)
IDENTITY_CHECKS = _dataset("idcheck://halden", "checks", "check_id contractor_id document selfie:image result")
RECORDINGS = _dataset(INTERVIEWS, "recordings", "object_key video:video audio:audio transcript")
SCREENING_CALLS = _dataset(INTERVIEWS, "screening_calls", "call_id audio:audio transcript")
SKILL_TESTS = _dataset(INTERVIEWS, "skill_tests", "test_id answers skill score:double")
REFERENCE_CHECKS = _dataset(INTERVIEWS, "reference_checks", "check_id employer statement")
PROFILE_PHOTOS = _dataset(INTERVIEWS, "profile_photos", "photo_id image:image")
PORTFOLIO_SAMPLES = _dataset(INTERVIEWS, "portfolio_samples", "sample_id work")
ONBOARDING_FORMS = _dataset(
    INTERVIEWS, "onboarding_forms", "form_id full_name national_id experience_years:integer hours:integer"
)
TRIAL_TASKS = _dataset(INTERVIEWS, "trial_tasks", "task_id answer skill")
ANNOTATIONS = _dataset(ANNOTATION, "annotations", "batch_id annotator_id label rationale seconds:integer")
JUDGE_PANEL = _dataset(TRAINING, "judge_panel", "vote_id annotator_id vote")

# What is made from it.
MATCH_NOTES = _dataset(PEOPLE_DB, "people.public.match_notes", "contractor_id team level:integer noted_at:timestamp")
ONBOARDING_STATUS = _dataset(PEOPLE_DB, "people.public.onboarding_status", "contractor_id result")
PAYOUTS = _dataset(PEOPLE_DB, "people.public.payouts", "payroll_id iban amount:numeric period")
LEDGER = _dataset(PEOPLE_DB, "people.public.ledger", "payroll_id amount:numeric period")
ROSTER = _dataset(EXPORTS, "roster", "contractor_id full_name country team level:integer")
OPEN_ROLES = _dataset(EXPORTS, "open_roles", "role_id skill team")
BENCH_LIST = _dataset(EXPORTS, "bench_list", "entry_id skill team")
SKILLS_MATRIX = _dataset(EXPORTS, "skills_matrix", "skill team weight:double")
AVAILABILITY = _dataset(EXPORTS, "availability_masked", "person_ref experience_years:integer hours:integer")
MATCH_SCORES = _dataset(EXPORTS, "match_scores", "person_ref role_id score:double")
SHORTLISTS = _dataset(EXPORTS, "shortlists", "role_id person_ref rank:integer")
CALL_SUMMARIES = _dataset(EXPORTS, "call_summaries", "call_id summary")
REFERENCE_DIGESTS = _dataset(EXPORTS, "reference_digests", "check_id summary")
PROFILE_VECTORS = _dataset(EXPORTS, "profile_vectors", "photo_id vector:array")
LABEL_EXPORTS = _dataset(ANNOTATION, "exports/labels", "batch_id label rationale")
QA_REPORTS = _dataset(ANNOTATION, "qa_reports", "batch_id agreement:double")
SFT_MIX = _dataset(TRAINING, "sft_mix", "prompt completion")
REWARD_MIX = _dataset(TRAINING, "reward_mix", "prompt preference:double")
CAPACITY_PLAN = _dataset(TRAINING, "capacity_plan", "skill team seats:integer")
JUDGE_SCORES = _dataset(TRAINING, "judge_scores", "prompt score:double")
ASSISTANT_MODEL = _dataset("mlflow://halden", "models/assistant", "weights:binary")
REWARD_MODEL = _dataset("mlflow://halden", "models/reward", "weights:binary")
CONTACT_CARDS = _dataset("s3://brightdesk-support", "contact_cards", "contractor_id email phone")
SKILL_CARDS = _dataset("s3://brightdesk-support", "skill_cards", "skill team")

# The training pipelines know the label exports by the name that their table catalog gives.
LABEL_EXPORTS_TABLE = ("arn:aws:glue:eu-west-1:111122223333", "table/annotation/labels")
