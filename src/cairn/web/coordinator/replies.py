"""The mailbox to which calendar programs answer invitations: given, tried, removed."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions, queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules


class MailboxForm(forms.Form):
    """Where the mailbox is, and how Cairn signs in to it."""

    address = forms.EmailField(
        label=gettext_lazy("Address"),
        max_length=200,
        help_text=gettext_lazy(
            "People’s calendars answer to it, with a word behind a plus sign: name+word@example.org."
        ),
    )
    host = forms.RegexField(
        label=gettext_lazy("IMAP server"),
        regex=r"^[A-Za-z0-9.-]{1,253}$",
        error_messages={"invalid": gettext_lazy("Write the server’s name alone, such as imap.example.org.")},
    )
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65535)
    user = forms.CharField(label=gettext_lazy("User"), max_length=200)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=400,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed and never shown. Leave it empty to keep the one there is."),
    )


@door(who=rules.may_work_for_an_organisation, area="coordinator")
def reply_mailbox(request: Request, organisation_id: int) -> HttpResponse:
    """Give the mailbox, try whether it opens, or remove it."""
    at = clock.now()
    box = queries.mailbox_of(request.user, organisation_id, at)
    whose = {"organisation": box.organisation, "by": request.user, "at": at}
    if request.POST.get("do") == "remove":
        actions.remove_mailbox(**whose)
        messages.success(request, _("Removed. Answers of calendars are read no more."))
        return redirect("reply_mailbox", organisation_id)
    if request.POST.get("do") == "try":
        problem = queries.mailbox_problem(actions.try_mailbox(**whose))
        (messages.error if problem else messages.success)(request, problem or _("The mailbox opens."))
        return redirect("reply_mailbox", organisation_id)
    initial = {"address": box.address, "host": box.host, "port": box.port, "user": box.user}
    form = MailboxForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_mailbox(**form.cleaned_data, **whose)
        except actions.MailboxRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Kept. Try whether it opens."))
            return redirect("reply_mailbox", organisation_id)
    context = {"box": box, "form": form, "problem": queries.mailbox_problem(box.problem)}
    return render(request, "coordinator/reply_mailbox.html", context)
