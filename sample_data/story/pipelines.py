"""The pipelines of the story and what they do on any day: four companies, one web of datasets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.story import datasets as d
from sample_data.story.draw import days, number, on
from sample_data.story.lineage_events import Column, Job, Output, Run

NORTHGATE, TAGWORKS, HALDEN = "northgate-airflow", "tagworks-airflow", "halden-airflow"
BRIGHTDESK = "brightdesk-jobs"
DAILY, WEEKDAYS, MON, TUE, WED, THU, FRI = "0123456", "01234", "0", "1", "2", "3", "4"


@dataclass(frozen=True)
class Schedule:
    """A job's days (digits, Monday is 0), its time (hh:mm) and how many minutes it takes."""

    job: Job
    days: str
    clock: str
    minutes: int


def _overwrite(dataset: d.Dataset, *columns: Column) -> Output:
    return Output(dataset, "OVERWRITE", columns)


def _same(source: d.Dataset, *fields: str) -> tuple[Column, ...]:
    return tuple(Column(name, source, name) for name in fields)


def _masked(output: str, source: d.Dataset, field: str) -> Column:
    return Column(output, source, field, "TRANSFORMATION", masking=True)


ROSTER_SQL = "SELECT contractor_id, full_name, country, team, level FROM public.contractors"
CARDS_SQL = "SELECT contractor_id, email, phone FROM public.contractors"
PAYOUTS_SQL = (
    "INSERT INTO public.payouts (payroll_id, iban, amount, period) "
    "SELECT payroll_id, iban, monthly_amount / 4, current_date FROM public.payroll"
)

# Northgate's own Airflow: its environment northgate-airflow is clean throughout.
ROSTER = Job(
    NORTHGATE, "northgate_roster.sync", (d.CONTRACTORS,),
    (_overwrite(d.ROSTER, *_same(d.CONTRACTORS, "contractor_id", "full_name", "country", "team", "level")),),
    ROSTER_SQL,
)  # fmt: skip
AVAILABILITY = Job(
    NORTHGATE, "northgate_masking.availability", (d.ONBOARDING_FORMS,),
    (
        _overwrite(
            d.AVAILABILITY,
            _masked("person_ref", d.ONBOARDING_FORMS, "full_name"),
            _masked("person_ref", d.ONBOARDING_FORMS, "national_id"),
            *_same(d.ONBOARDING_FORMS, "experience_years", "hours"),
        ),
    ),
)  # fmt: skip
BENCH_FROM_TRIALS = Job(NORTHGATE, "northgate_roster.bench_from_trials", (d.TRIAL_TASKS,), (_overwrite(d.BENCH_LIST),))
BENCH_FROM_ROLES = Job(NORTHGATE, "northgate_roster.bench_from_roles", (d.OPEN_ROLES,), (_overwrite(d.BENCH_LIST),))
SKILLS_REBUILD = Job(NORTHGATE, "northgate_roster.skills_rebuild", (d.OPEN_ROLES,), (_overwrite(d.SKILLS_MATRIX),))
PUBLISH = Job(NORTHGATE, "northgate_publish.shortlists", (d.MATCH_SCORES,), (_overwrite(d.SHORTLISTS),))
PAY = Job(
    NORTHGATE, "northgate_payroll.prepare", (d.PAYROLL,),
    (Output(d.PAYOUTS, None, _same(d.PAYROLL, "payroll_id", "iban")),), PAYOUTS_SQL,
)  # fmt: skip

# Northgate's matching workers, which talk to models through a proxy: the environment northgate-matching.
REFRESH_SKILLS = Job(NORTHGATE, "northgate_matching.refresh_skills", (d.SKILL_TESTS,), (_overwrite(d.SKILLS_MATRIX),))
SCORE = Job(
    NORTHGATE, "northgate_matching.score_candidates", (d.SKILLS_MATRIX, d.BENCH_LIST, d.AVAILABILITY),
    (Output(d.MATCH_SCORES),),
)  # fmt: skip
SCREEN_CALLS = Job(NORTHGATE, "northgate_matching.screen_calls", (d.SCREENING_CALLS,), (Output(d.CALL_SUMMARIES),))
EMBED_PROFILES = Job(
    NORTHGATE, "northgate_matching.embed_profiles", (d.PROFILE_PHOTOS,), (_overwrite(d.PROFILE_VECTORS),)
)
REFERENCES = Job(
    NORTHGATE, "northgate_matching.digest_references", (d.REFERENCE_CHECKS,), (Output(d.REFERENCE_DIGESTS),)
)
RESCORE = Job(NORTHGATE, "northgate_matching.rescore_backlog", (d.PORTFOLIO_SAMPLES,), (Output(d.MATCH_SCORES),))

# TagWorks labels for Northgate.
LABELS = Job(
    TAGWORKS, "tagworks_export.labels", (d.ANNOTATIONS,),
    (
        Output(
            d.LABEL_EXPORTS, columns=_same(d.ANNOTATIONS, "batch_id", "label", "rationale"),
            symlink=d.LABEL_EXPORTS_TABLE,
        ),
    ),
)  # fmt: skip
QUALITY = Job(TAGWORKS, "tagworks_export.agreement", (d.LABEL_EXPORTS,), (_overwrite(d.QA_REPORTS),))

# Halden AI trains, plans and pays.
SFT_MIX = Job(
    HALDEN, "halden_training.build_sft_mix", (d.LABEL_EXPORTS,), (_overwrite(d.SFT_MIX),),
    input_known_as=d.LABEL_EXPORTS_TABLE,
)  # fmt: skip
TRAIN_ASSISTANT = Job(HALDEN, "halden_training.train_assistant", (d.SFT_MIX,), (_overwrite(d.ASSISTANT_MODEL),))
REWARD_MIX = Job(HALDEN, "halden_training.build_reward_mix", (d.SHORTLISTS,), (_overwrite(d.REWARD_MIX),))
TRAIN_REWARD = Job(HALDEN, "halden_training.train_reward", (d.REWARD_MIX,), (_overwrite(d.REWARD_MODEL),))
CAPACITY = Job(HALDEN, "halden_workforce.capacity_plan", (d.SKILLS_MATRIX,), (_overwrite(d.CAPACITY_PLAN),))
ONBOARDING = Job(
    HALDEN, "halden_workforce.onboarding_status", (d.IDENTITY_CHECKS,),
    (_overwrite(d.ONBOARDING_STATUS, *_same(d.IDENTITY_CHECKS, "contractor_id", "result")),),
)  # fmt: skip
RECONCILE = Job(HALDEN, "halden_finance.reconcile", (d.PAYROLL, d.PAYOUTS), (Output(d.LEDGER),))
JUDGE = Job(HALDEN, "halden_eval.judge", (d.JUDGE_PANEL,), (Output(d.JUDGE_SCORES),))

# Brightdesk runs Halden's help desk and has nothing to do with any of it.
CONTACT_CARDS = Job(
    BRIGHTDESK, "brightdesk_support.contact_cards", (d.CONTRACTORS,),
    (_overwrite(d.CONTACT_CARDS, *_same(d.CONTRACTORS, "contractor_id", "email"),
                _masked("phone", d.CONTRACTORS, "phone")),),
    CARDS_SQL, producer="https://brightdesk.example/jobs/4.12",
)  # fmt: skip
SKILL_CARDS = Job(
    BRIGHTDESK, "brightdesk_support.skill_cards", (d.SKILLS_MATRIX,), (_overwrite(d.SKILL_CARDS),),
    producer="https://brightdesk.example/jobs/4.12",
)  # fmt: skip

SCHEDULES = (
    Schedule(ROSTER, DAILY, "04:10", 6),
    Schedule(AVAILABILITY, DAILY, "05:15", 3),
    Schedule(SCREEN_CALLS, WEEKDAYS, "09:55", 73),
    Schedule(BENCH_FROM_TRIALS, FRI, "11:00", 4),
    Schedule(REFRESH_SKILLS, WEEKDAYS, "11:22", 6),
    Schedule(SCORE, WEEKDAYS, "11:30", 22),
    Schedule(PAY, TUE, "12:00", 9),
    Schedule(RESCORE, TUE, "12:05", 28),
    Schedule(CONTACT_CARDS, DAILY, "12:05", 8),
    Schedule(REFERENCES, TUE + THU, "12:10", 4),
    Schedule(JUDGE, TUE + THU, "12:10", 14),
    Schedule(LABELS, WEEKDAYS, "12:20", 24),
    Schedule(SKILL_CARDS, TUE + THU, "12:35", 5),
    Schedule(EMBED_PROFILES, TUE + FRI, "12:50", 49),
    Schedule(SKILLS_REBUILD, TUE, "12:50", 8),
    Schedule(PUBLISH, WEEKDAYS, "13:30", 5),
    Schedule(CAPACITY, TUE, "14:00", 6),
    Schedule(BENCH_FROM_ROLES, MON, "15:00", 4),
    Schedule(ONBOARDING, WEEKDAYS, "15:10", 3),
    Schedule(SCORE, WEEKDAYS, "16:30", 21),
    Schedule(SFT_MIX, WED, "18:00", 17),
    Schedule(REWARD_MIX, TUE, "18:30", 11),
    Schedule(TRAIN_ASSISTANT, WED, "20:00", 310),
    Schedule(TRAIN_REWARD, TUE, "20:00", 190),
    Schedule(QUALITY, TUE + FRI, "21:00", 4),
    Schedule(RECONCILE, FRI, "23:30", 6),
)


def routine() -> Iterator[Run]:
    """Every run that went as planned, the whole four weeks."""
    for day in days():
        for schedule in SCHEDULES:
            if str(day.weekday()) in schedule.days:
                yield run_of(schedule, day)


def run_of(schedule: Schedule, day: date) -> Run:
    """The run of that day: some seconds late, a little longer or shorter than usual."""
    what = f"{schedule.job.name} {schedule.clock} {day}"
    start = on(day, schedule.clock) + timedelta(
        seconds=number(f"{what} late", 40), milliseconds=number(f"{what} ms", 1000)
    )
    seconds = schedule.minutes * 60 - 30 + number(f"{what} took", 60)
    return Run(schedule.job, start, start + timedelta(seconds=seconds))


def regular_run(job: Job, day: date, clock: str) -> Run:
    """The run of ``job`` that was planned for that time."""
    schedule = next(s for s in SCHEDULES if s.job is job and s.clock == clock)
    return run_of(schedule, day)
