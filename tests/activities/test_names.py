"""Workflows and activities are called by the names that they are defined under."""

from temporalio import activity, workflow

from activities import names
from activities.courier.deliver import Deliver
from activities.courier.enforce import Enforce
from activities.move.commit import Commit
from workflows.case import CaseWorkflow
from workflows.standing import StandingWorkflow
from workflows.webhook import WebhookWorkflow

defined = workflow._Definition.must_from_class  # noqa: SLF001  # the SDK has no public way to ask
named = activity._Definition.must_from_callable  # noqa: SLF001


def test_the_case_is_called_by_its_name() -> None:
    assert defined(CaseWorkflow).name == names.CASE
    assert set(defined(CaseWorkflow).updates) == {names.COMMAND}
    assert set(defined(CaseWorkflow).signals) == {names.LOOK}
    assert set(defined(CaseWorkflow).queries) >= {"adopted"}


def test_the_courier_is_called_by_its_name() -> None:
    assert defined(StandingWorkflow).name == names.STANDING
    assert set(defined(StandingWorkflow).signals) == {names.LOOK}


def test_the_couriers_of_receivers_are_called_by_their_name() -> None:
    assert defined(WebhookWorkflow).name == names.WEBHOOK
    assert set(defined(WebhookWorkflow).signals) == {names.LOOK}


def test_the_activities_are_called_by_their_names() -> None:
    assert named(Commit.commit).name == names.COMMIT
    assert named(Enforce.survey).name == names.SURVEY
    assert named(Enforce.tell).name == names.TELL
    assert named(Deliver.deliver).name == names.DELIVER
