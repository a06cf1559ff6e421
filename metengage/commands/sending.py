"""What a person types about sending: pause, resume, stop, status."""

import click
from flask.cli import AppGroup

from metengage import bell, db, halts, jobs, manners, watching
from metengage.formats import count, lasting, moment, number
from metengage.models import Alert

sending_group = AppGroup("sending", help="Pause, resume, stop and watch what is sent.")


@sending_group.command("pause")
def pause_sending() -> None:
    """Send nothing at all until it is resumed."""
    with db.opened():
        done = halts.pause_everything(None, db.now())
    click.echo("Everything is paused." if done else "Everything is paused already.")


@sending_group.command("resume")
def resume_sending() -> None:
    """Go on with everything that waits."""
    with db.opened():
        done = halts.resume_everything(None, db.now())
        jobs.ring_for_all_that_waits()
    click.echo("Sending goes on." if done else "Nothing was paused.")


@sending_group.command("stop")
@click.argument("alert_id", type=int)
def stop_sending(alert_id: int) -> None:
    """Stop one alert for good; what was not sent by now never is."""
    with db.opened():
        alert = Alert.get_or_none(Alert.id == alert_id)
        try:
            done = alert is not None and halts.stop(alert, None, db.now())
        except halts.HasToBeTold as reason:
            raise click.ClickException(str(reason)) from None
        if not done:
            raise click.ClickException(f"Alert {alert_id} is not being sent.")
        jobs.ring_alert(alert_id)
        progress = watching.progress(Alert.get_by_id(alert_id))
    click.echo(f"Stopped: {number(progress.sent)} of {count(progress.whole, 'email')} sent.")


@sending_group.command("status")
def sending_status() -> None:
    """Say what waits, who works, and what is wrong."""
    with db.opened():
        heard, now, pause = bell.hear(), db.now(), manners.the_pause()
        click.echo(f"Everything is paused since {moment(pause.began_at)}." if pause else "Sending goes on.")
        for kind in watching.KINDS:
            backlog = watching.backlog(kind, now)
            since = f", due for up to {lasting(backlog.oldest)}" if backlog.oldest else ""
            click.echo(f"{kind}: {number(backlog.how_many)} waiting{since}")
        for alert in watching.under_way():
            progress = watching.progress(alert)
            halted = ", being stopped" if alert.is_stopped else ", paused" if alert.is_paused else ""
            click.echo(f"alert {alert.id}{halted}: {number(progress.sent)} of {count(progress.whole, 'email')} sent")
        for each in watching.workers(heard, now):
            click.echo(f"worker {each.name}: seen {lasting(each.seen)} ago, {count(each.connections, 'connection')}")
        for worker, words in watching.troubled_relays(now):
            click.echo(f"worker {worker} says: {words}")
        if heard is None:
            click.echo("Redis does not answer: nothing is lost, and emails wait until it is back.")
